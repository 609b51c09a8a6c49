using System.Buffers;
using Gateway.Core.Catalog;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Passes on an answer that is one JSON document: read whole, judged, and written with the model's public name.</summary>
internal static class DocumentRelay
{
    private const string TooLarge = "The upstream's answer is larger than the gateway allows (Gateway:Limits:MaxResponseBodyBytes).";

    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response)
    {
        long? length = response.Content.Headers.ContentLength;
        int most = (int)Math.Min(call.Options.MaxResponseBodyBytes, int.MaxValue / 2);
        if (length > most)
        {
            return UpstreamErrors.Invalid(TooLarge);
        }
        while (reader.Buffer.Length != length && await reader.ReadAsync(Room(length, reader.Buffer.Length)))
        {
            clock.FirstContent();
            if (reader.Buffer.Length > most)
            {
                return UpstreamErrors.Invalid(TooLarge);
            }
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
        return await WriteAsync(call, reader.Buffer.Memory, facts.Model, response);
    }

    private static int Room(long? length, int have) => length is { } all && all > have ? (int)(all - have) : 16_384;

    private static GatewayError? Judge(AttemptScope attempt, ReadOnlySpan<byte> body, out CapabilityFacts facts) =>
        !CapabilityReader.TryRead(body, out facts) ? UpstreamErrors.Invalid("The upstream's answer was not a JSON object.")
        : facts.Error.Exists ? UpstreamErrors.OfErrorObject(facts.Error.Of(body), attempt.Backend, attempt.Credential)
        : facts.HasResult ? null : UpstreamErrors.Invalid("The upstream's answer holds no result.");

    private static async ValueTask<GatewayError?> WriteAsync(Call call, ReadOnlyMemory<byte> body, Slice model, HttpResponseMessage response)
    {
        ReadOnlyMemory<byte> alias = call.Envelope.ModelJson;
        int length = body.Length + (model.Exists ? alias.Length - model.Length : 0);
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        call.Record.ResponseBytes = length;
        // The record is safe before the client can know of the answer.
        if (!await call.SettleAsync(call, 200, null))
        {
            return new GatewayError(GatewayErrorKind.JournalUnavailable, "The gateway cannot record calls at the moment.", RetryAfter: TimeSpan.FromSeconds(5));
        }
        call.Committed = true;
        call.Exchange.Start(new ResponseHead
        {
            Status = 200,
            ContentType = "application/json",
            ContentLength = length,
            Limits = call.Admission.Decision,
            Record = call.Record,
            Streamed = false,
            Upstream = response,
            GatewayHeaders = call.Options.GatewayHeaders,
        });
        if (model.Exists)
        {
            call.Exchange.Output.Write(body.Span[..model.Start]);
            call.Exchange.Output.Write(alias.Span);
            call.Exchange.Output.Write(body.Span[model.End..]);
        }
        else
        {
            call.Exchange.Output.Write(body.Span);
        }
        await call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        return null;
    }
}
