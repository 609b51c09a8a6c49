using System.Text;
using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Audio;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini.Audio;

/// <summary>
/// Speech written down by a model that hears: it is asked to, as there is no operation for it. Source: ai.google.dev, "Audio
/// understanding".
/// </summary>
public sealed class GeminiTranscriptionCodec : IUpstreamCodec<TranscriptionRequest, TranscriptionAnswer>
{
    public Operation Operation => Operation.GenerateContent;

    public void WriteRequest(TranscriptionRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        if (request.Format is not ("json" or "text"))
        {
            throw new GenerationFormatException("The model gives no reliable time stamps; 'response_format' must be 'json' or 'text'.", "response_format");
        }
        GeminiResults.BeginParts(json);
        GeminiResults.WriteFile(request.Recording, json, "file");
        GeminiResults.WriteText(TaskOf(request), json);
        GeminiResults.BeginConfig(json);
        if (request.Temperature is { } temperature)
        {
            json.WriteNumber("temperature"u8, temperature);
        }
        GeminiResults.End(json);
        notes.Bridge("file", "A model that understands sound is asked to write down what is said.");
        OtherFields.Lose(request.Others, notes);
    }

    private static string TaskOf(TranscriptionRequest request)
    {
        var task = new StringBuilder(request.ToEnglish
            ? "Translate what is said in this recording into English. Answer with the translation alone"
            : "Write down word for word what is said in this recording, in the language in which it is said. Answer with the transcript alone");
        task.Append(", without comments, time stamps or names of speakers; with nothing if nobody speaks.");
        if (request.Language is { } language)
        {
            task.Append(" The language spoken is \"").Append(language).Append("\".");
        }
        if (request.Prompt is { } prompt)
        {
            task.Append("\nWords that may come up, or what was said before:\n").Append(prompt);
        }
        return task.ToString();
    }

    public TranscriptionAnswer ReadAnswer(JsonElement body)
    {
        // Where nobody speaks there may be no part at all.
        List<JsonElement> parts = GeminiResults.IsWhole(body) ? GeminiResults.PartsOf(body, p => p.GetText("text") is not null) : throw GeminiResults.None(body, "transcript");
        return new TranscriptionAnswer(string.Concat(parts.Select(p => p.GetText("text"))).Trim(), GeminiUsage.Read(body), GeminiResults.PromptTokensOf(body, "AUDIO"));
    }
}
