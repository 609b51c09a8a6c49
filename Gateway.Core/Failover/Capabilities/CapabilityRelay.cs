using System.Net.Http.Headers;
using Gateway.Core.Catalog;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>
/// Passes on the answer of a capability as what it is: a document is read whole and judged, events go on one by one, and
/// everything else (sound, subtitles, plain text) as it arrives.
/// </summary>
internal static class CapabilityRelay
{
    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response) =>
        await KindOfAsync(call, reader, response) switch
        {
            AnswerKind.Events => await new EventRelay(call, attempt, clock, reader, response).RunAsync(),
            AnswerKind.Document => await DocumentRelay.RunAsync(call, attempt, reader, response),
            _ => await ByteRelay.RunAsync(call, attempt, clock, reader, response),
        };

    private enum AnswerKind
    {
        Document,
        Events,
        Bytes,
    }

    private static async ValueTask<AnswerKind> KindOfAsync(Call call, UpstreamReader reader, HttpResponseMessage response)
    {
        string type = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues values) ? values.ToString() : "";
        if (type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase))
        {
            return AnswerKind.Events;
        }
        if (type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
        {
            return AnswerKind.Document;
        }
        if (type.Length > 0 || call.Envelope.Operation == Operation.Speech)
        {
            return AnswerKind.Bytes;
        }
        // Some servers do not say.
        return await reader.PeekAsync() is (byte)'{' or (byte)'[' ? AnswerKind.Document : AnswerKind.Bytes;
    }
}
