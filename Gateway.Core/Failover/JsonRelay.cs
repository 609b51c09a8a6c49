using System.Buffers;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>Passes on an answer that comes as one JSON document: read whole, judged, and written with the model's public name.</summary>
internal static class JsonRelay
{
    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response)
    {
        long? length = response.Content.Headers.ContentLength;
        int most = (int)Math.Min(call.Options.MaxResponseBodyBytes, int.MaxValue / 2);
        if (length > most)
        {
            return UpstreamErrors.Invalid("The upstream's answer is larger than the gateway allows (Gateway:Limits:MaxResponseBodyBytes).");
        }
        while (await reader.ReadAsync(Room(length, reader.Buffer.Length)))
        {
            clock.FirstContent();
            if (reader.Buffer.Length > most)
            {
                return UpstreamErrors.Invalid("The upstream's answer is larger than the gateway allows (Gateway:Limits:MaxResponseBodyBytes).");
            }
            if (reader.Buffer.Length == length)
            {
                break;
            }
        }
        if (Judge(call, attempt, reader.Buffer.Span, out AnswerFacts facts) is { } error)
        {
            return error;
        }
        call.NoteModel(facts.Model.Of(reader.Buffer.Span));
        if (facts.HasUsage)
        {
            call.Report(facts.Usage);
        }
        if ((!facts.HasUsage || call.Calibrating) && AnswerReader.TryRead(call.Envelope.Operation, reader.Buffer.Span, measure: true, out AnswerFacts measured))
        {
            call.Output = measured.Text;
        }
        call.Record.FinishReason = facts.FinishReason;
        attempt.Complete(null);
        return await WriteAsync(call, reader.Buffer.Memory, facts.Model, response);
    }

    private static int Room(long? length, int have) => length is { } all && all > have ? (int)(all - have) : 4096;

    private static GatewayError? Judge(Call call, AttemptScope attempt, ReadOnlySpan<byte> body, out AnswerFacts facts)
    {
        if (!AnswerReader.TryRead(call.Envelope.Operation, body, measure: false, out facts))
        {
            return UpstreamErrors.Invalid("The upstream's answer was not a JSON object.");
        }
        if (facts.Error.Exists)
        {
            return UpstreamErrors.OfErrorObject(facts.Error.Of(body), attempt.Backend, attempt.Credential);
        }
        return facts.HasResult ? null : UpstreamErrors.Invalid("The upstream's answer holds no result.");
    }

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
