using System.Text;
using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Audio;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Relay.Uploads;

namespace Gateway.Providers.OpenAI.Audio;

/// <summary>A client of OpenAI's transcriptions and translations. Source: OpenAI API reference, Audio.</summary>
/// <param name="operation">Which of the two.</param>
public sealed class OpenAITranscriptionCodec(Operation operation) : IClientCodec<TranscriptionRequest, TranscriptionAnswer>
{
    public Operation Operation => operation;

    public TranscriptionRequest ReadRequest(CapabilityBody body)
    {
        FormPart file = body.Files("file") is [{ } first, ..] ? first : throw new GenerationFormatException("'file' must be a recording.", "file");
        return new TranscriptionRequest
        {
            Recording = new CapabilityFile(file.Content, MediaTypes.Of(file, "audio/", "audio/wav")),
            ToEnglish = operation == Operation.Translations,
            Language = body.Text("language"),
            Prompt = body.Text("prompt"),
            Temperature = body.Number("temperature"),
            Format = body.Text("response_format") ?? "json",
            Stream = body.Flag("stream"),
            Others =
            [
                .. body.Others("file", "language", "prompt", "temperature", "response_format", "stream")
                    .Where(name => name != "chunking_strategy" || body.Text(name) != "auto"),
            ],
        };
    }

    public CapabilityContent WriteAnswer(TranscriptionAnswer answer, TranscriptionRequest request, DateTimeOffset now)
    {
        if (request.Stream)
        {
            return CapabilityContent.Stream(answer.Usage, json => Write(json, answer, "transcript.text.delta"), json => Write(json, answer, "transcript.text.done"));
        }
        return request.Format == "text"
            ? new CapabilityContent(Encoding.UTF8.GetBytes(answer.Text + "\n"), "text/plain; charset=utf-8", answer.Usage)
            : CapabilityContent.Json(json => Write(json, answer, null), answer.Usage);
    }

    /// <param name="type">Of the event; null for a document.</param>
    private static void Write(Utf8JsonWriter json, TranscriptionAnswer answer, string? type)
    {
        bool delta = type is not null && type.EndsWith("delta", StringComparison.Ordinal);
        json.WriteStartObject();
        if (type is not null)
        {
            json.WriteString("type"u8, type);
        }
        json.WriteString(delta ? "delta"u8 : "text"u8, answer.Text);
        if (!delta)
        {
            TokenUsage.Write(json, answer.Usage, "tokens", "input_token_details", ("audio_tokens", answer.AudioInputTokens));
        }
        json.WriteEndObject();
    }
}
