using Gateway.Core.Catalog;
using Gateway.Core.Failover.Guarded;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>Passes on an answer that comes as one JSON document: read whole, judged, and written with the model's public name.</summary>
internal static class JsonRelay
{
    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, UpstreamReader reader, HttpResponseMessage response)
    {
        if (await WholeBody.ReadAsync(call, reader, response) is { } tooLarge)
        {
            return tooLarge;
        }
        if (Judge(call, attempt, reader.Buffer.Span, out AnswerFacts facts) is { } error)
        {
            return error;
        }
        call.NoteModel(facts.Model.Of(reader.Buffer.Span));
        call.NoteId(facts.Id.Of(reader.Buffer.Span));
        if (facts.HasUsage)
        {
            call.Report(facts.Usage);
        }
        if ((!call.OutputReported || call.Calibrating)
            && AnswerReader.TryRead(call.Envelope.Operation, reader.Buffer.Span, measure: true, out AnswerFacts measured))
        {
            call.Output = measured.Text;
        }
        call.IsMadeLater = facts.IsPending && !facts.HasUsage;
        call.Record.FinishReason = facts.FinishReason;
        if (call.Options.Guardrails?.Answers is { } words && call.Envelope.Operation.Generates() && AnswerGuard.Finds(words, call, reader.Buffer.Span))
        {
            return await AnswerGuard.WithholdAsync(call, attempt);
        }
        attempt.Complete(null);
        return await WholeBody.WriteAsync(call, reader.Buffer.Memory, facts.Model, response);
    }

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
}
