using Gateway.Core.Catalog;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Passes on an answer that is one JSON document: read whole, judged, and written with the model's public name.</summary>
internal static class DocumentRelay
{
    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, UpstreamReader reader, HttpResponseMessage response)
    {
        if (await WholeBody.ReadAsync(call, reader, response) is { } tooLarge)
        {
            return tooLarge;
        }
        if (Judge(attempt, reader.Buffer.Span, out CapabilityFacts facts) is { } error)
        {
            return error;
        }
        if (!call.Envelope.Operation.CountsTokens())
        {
            CapabilityAccounts.Book(call, facts);
        }
        call.NoteModel(facts.Model.Of(reader.Buffer.Span));
        attempt.Complete(null);
        return await WholeBody.WriteAsync(call, reader.Buffer.Memory, facts.Model, response);
    }

    private static GatewayError? Judge(AttemptScope attempt, ReadOnlySpan<byte> body, out CapabilityFacts facts) =>
        !CapabilityReader.TryRead(body, out facts) ? UpstreamErrors.Invalid("The upstream's answer was not a JSON object.")
        : facts.Error.Exists ? UpstreamErrors.OfErrorObject(facts.Error.Of(body), attempt.Backend, attempt.Credential)
        : facts.HasResult ? null : UpstreamErrors.Invalid("The upstream's answer holds no result.");
}
