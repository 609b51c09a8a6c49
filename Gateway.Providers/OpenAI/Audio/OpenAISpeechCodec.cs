using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Audio;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Providers.OpenAI.Audio;

/// <summary>A client of OpenAI's speech. Source: OpenAI API reference, Audio.</summary>
public sealed class OpenAISpeechCodec : IClientCodec<SpeechRequest, SpeechAnswer>
{
    private const int HeaderBytes = 44;

    public Operation Operation => Operation.Speech;

    public SpeechRequest ReadRequest(CapabilityBody body) => new()
    {
        Input = body.Text("input") ?? throw new GenerationFormatException("'input' must be a text.", "input"),
        Voice = body.Json.Has("voice", out JsonElement own) && own.ValueKind == JsonValueKind.Object ? own.Text("id") : body.Text("voice"),
        Instructions = body.Text("instructions"),
        Format = body.Text("response_format") ?? "mp3",
        Speed = body.Number("speed") ?? 1,
        AsEvents = body.Text("stream_format") == "sse",
        Others = body.Others("input", "voice", "instructions", "response_format", "speed", "stream_format"),
    };

    public CapabilityContent WriteAnswer(SpeechAnswer answer, SpeechRequest request, DateTimeOffset now)
    {
        (ReadOnlyMemory<byte> sound, string type) = SampleRateOf(answer.MediaType) is not { } rate ? (answer.Sound, answer.MediaType)
            : request.Format == "pcm" ? (answer.Sound, "audio/pcm")
            : (Wave(answer.Sound.Span, rate), "audio/wav");
        return request.AsEvents
            ? CapabilityContent.Stream(answer.Usage, json => WriteDelta(json, sound), json => WriteDone(json, answer))
            : new CapabilityContent(sound, type, answer.Usage);
    }

    private static void WriteDelta(Utf8JsonWriter json, ReadOnlyMemory<byte> sound)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "speech.audio.delta"u8);
        json.WriteBase64String("audio"u8, sound.Span);
        json.WriteEndObject();
    }

    private static void WriteDone(Utf8JsonWriter json, SpeechAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "speech.audio.done"u8);
        TokenUsage.Write(json, answer.Usage, null, null, default);
        json.WriteEndObject();
    }

    // Bare samples: audio/L16;codec=pcm;rate=24000.
    private static int? SampleRateOf(string mediaType)
    {
        string[] words = mediaType.Split(';', StringSplitOptions.TrimEntries);
        if (!words[0].Equals("audio/L16", StringComparison.OrdinalIgnoreCase) && !words[0].Equals("audio/pcm", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        string? rate = words.FirstOrDefault(w => w.StartsWith("rate=", StringComparison.OrdinalIgnoreCase))?["rate=".Length..];
        return int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out int hertz) ? hertz : 24000;
    }

    /// <summary>One channel of 16-bit samples as a WAV file.</summary>
    private static byte[] Wave(ReadOnlySpan<byte> samples, int rate)
    {
        const int BytesOfSample = 2;
        byte[] file = new byte[HeaderBytes + samples.Length];
        Span<byte> at = file;
        "RIFF"u8.CopyTo(at);
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], file.Length - 8);
        "WAVEfmt "u8.CopyTo(at[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(at[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(at[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(at[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(at[24..], rate);
        BinaryPrimitives.WriteInt32LittleEndian(at[28..], rate * BytesOfSample);
        BinaryPrimitives.WriteInt16LittleEndian(at[32..], BytesOfSample);
        BinaryPrimitives.WriteInt16LittleEndian(at[34..], 8 * BytesOfSample);
        "data"u8.CopyTo(at[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(at[40..], samples.Length);
        samples.CopyTo(at[HeaderBytes..]);
        return file;
    }
}
