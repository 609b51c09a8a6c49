using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Failover.Guarded;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Failover.Translated;

/// <summary>Reads a whole answer of the backend's wire and writes it in the client's.</summary>
internal static class TranslatedJsonRelay
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, UpstreamReader reader, HttpResponseMessage response, Translation translation)
    {
        if (await WholeBody.ReadAsync(call, reader, response) is { } tooLarge)
        {
            return tooLarge;
        }
        if (Read(attempt, reader.Buffer.Span, translation, out GenerationResponse? answer) is { } error)
        {
            return error;
        }
        Account(call, answer!);
        if (call.Options.Guardrails?.Answers is { } words && AnswerGuard.Finds(words, answer!))
        {
            return await AnswerGuard.WithholdAsync(call, attempt);
        }
        attempt.Complete(null);
        var body = new ArrayBufferWriter<byte>(reader.Buffer.Length + 512);
        using (var writer = new Utf8JsonWriter(body, Plain))
        {
            translation.Client.WriteResponse(answer!, translation.ContextOf(call), writer, translation.Notes);
        }
        await AnswerKeeping.KeepAsync(call, translation, body.WrittenMemory);
        return await WholeBody.WriteAsync(call, body.WrittenMemory, response, translation.LossyHeader(call));
    }

    /// <summary>The answer, or what is wrong with it.</summary>
    public static GatewayError? Read(AttemptScope attempt, ReadOnlySpan<byte> body, Translation translation, out GenerationResponse? answer)
    {
        answer = null;
        try
        {
            JsonElement json = JsonFields.Parse(body);
            if (json.Has("error", out JsonElement error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String)
            {
                return UpstreamErrors.OfErrorObject(System.Text.Encoding.UTF8.GetBytes(error.GetRawText()), attempt.Backend, attempt.Credential);
            }
            if (json.ValueKind != JsonValueKind.Object)
            {
                return UpstreamErrors.Invalid("The upstream's answer was not a JSON object.");
            }
            answer = translation.Upstream.ReadResponse(json, translation.Notes);
            return null;
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException or InvalidOperationException)
        {
            return UpstreamErrors.Invalid(e is GenerationFormatException ? "The upstream's answer holds no result: " + e.Message : "The upstream's answer was not a JSON object.");
        }
    }

    /// <summary>Books what the answer reports, or measures it where it reports nothing.</summary>
    public static void Account(Call call, GenerationResponse answer)
    {
        if (answer.Usage.Source == UsageSource.Reported)
        {
            call.Report(answer.Usage);
        }
        if (answer.Model is { } model)
        {
            call.NoteModelName(model);
        }
        if (!call.OutputReported || call.Calibrating)
        {
            foreach (Part part in answer.Candidates.SelectMany(c => c.Parts))
            {
                OutputText.Measure(part, ref call.Output);
            }
        }
        call.Record.FinishReason = answer.Candidates.Count == 0 ? null : OutputText.NameOf(answer.Candidates[^1].Finish);
    }
}
