using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Audio;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini.Audio;

/// <summary>Speech by Gemini's TTS models, which give bare samples. Source: ai.google.dev, "Speech generation".</summary>
public sealed class GeminiSpeechCodec : IUpstreamCodec<SpeechRequest, SpeechAnswer>
{
    private static readonly string[] Voices =
    [
        "Kore", "Zephyr", "Puck", "Charon", "Fenrir", "Leda", "Orus", "Aoede", "Callirrhoe", "Autonoe", "Enceladus", "Iapetus", "Umbriel",
        "Algieba", "Despina", "Erinome", "Algenib", "Rasalgethi", "Laomedeia", "Achernar", "Alnilam", "Schedar", "Gacrux", "Pulcherrima",
        "Achird", "Zubenelgenubi", "Vindemiatrix", "Sadachbia", "Sadaltager", "Sulafat",
    ];

    public Operation Operation => Operation.GenerateContent;

    public void WriteRequest(SpeechRequest request, Utf8JsonWriter json, ConversionNotes notes)
    {
        GeminiResults.BeginParts(json);
        GeminiResults.WriteText(request.Instructions is { } how ? $"{how.TrimEnd(' ', '.', ':')}:\n{request.Input}" : request.Input, json);
        GeminiResults.BeginConfig(json);
        GeminiResults.WriteModality(json, "AUDIO");
        json.WriteStartObject("speechConfig"u8);
        json.WriteStartObject("voiceConfig"u8);
        json.WriteStartObject("prebuiltVoiceConfig"u8);
        json.WriteString("voiceName"u8, VoiceOf(request.Voice, notes));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        GeminiResults.End(json);
        if (request.Instructions is not null)
        {
            notes.Bridge("instructions", "They stand before the text, as Gemini has it.");
        }
        if (request.Format is not ("wav" or "pcm"))
        {
            notes.Lose("response_format", "Gemini gives bare samples; they are sent as a WAV file.");
        }
        if (request.Speed is not 1)
        {
            notes.Lose("speed", "Gemini has no such setting.");
        }
        OtherFields.Lose(request.Others, notes);
    }

    private static string VoiceOf(string? asked, ConversionNotes notes)
    {
        int at = Array.FindIndex(Voices, v => v.Equals(asked, StringComparison.OrdinalIgnoreCase));
        if (asked is not null && at < 0)
        {
            notes.Lose("voice", $"Gemini has no such voice; {Voices[0]} speaks.");
        }
        return Voices[Math.Max(at, 0)];
    }

    public SpeechAnswer ReadAnswer(JsonElement body)
    {
        JsonElement part = GeminiResults.BlobsOf(body, "audio/", "sound")[0];
        part.Get("inlineData", out JsonElement blob);
        byte[] sound = Convert.FromBase64String(GeminiMedia.StandardBase64(blob.GetText("data") ?? ""));
        return new SpeechAnswer(sound, blob.GetText("mimeType")!, GeminiUsage.Read(body));
    }
}
