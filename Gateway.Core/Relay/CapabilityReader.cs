using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Core.Relay;

/// <summary>
/// Reads the answer of a capability (vectors, rankings, verdicts, pictures, transcripts, counts) or an event of it in one pass.
/// Knows the ways in which OpenAI, Cohere, Gemini, Voyage and Mistral report what was used.
/// </summary>
internal static class CapabilityReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 128 };

    /// <summary>False when it is not one JSON object; what it read until then is of no use.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out CapabilityFacts facts)
    {
        facts = default;
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadProperty(ref reader, ref facts);
            }
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void ReadProperty(ref Utf8JsonReader reader, ref CapabilityFacts facts)
    {
        if (reader.ValueTextEquals("usage"u8) || reader.ValueTextEquals("usageMetadata"u8))
        {
            reader.Read();
            ReadUsage(reader, ref facts);
        }
        else if (reader.ValueTextEquals("meta"u8))
        {
            reader.Read();
            CohereMeta.Read(reader, ref facts);
        }
        else if (reader.ValueTextEquals("model"u8))
        {
            reader.Read();
            facts.Model = reader.TokenType == JsonTokenType.String ? Slice.Between(reader.TokenStartIndex, reader.BytesConsumed) : default;
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            facts.Error = Slice.OfError(ref reader);
            return;
        }
        else if (reader.ValueTextEquals("type"u8))
        {
            reader.Read();
            ReadType(ref reader, ref facts);
        }
        else
        {
            facts.HasResult |= IsResult(ref reader);
            reader.Read();
        }
        reader.Skip();
    }

    private static void ReadType(ref Utf8JsonReader reader, ref CapabilityFacts facts)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            ReadOnlySpan<byte> type = reader.ValueSpan;
            facts.IsLast = type.EndsWith(".done"u8) || type.EndsWith(".completed"u8);
            facts.IsErrorItself = type.SequenceEqual("error"u8) || type.EndsWith(".failed"u8);
        }
    }

    private static bool IsResult(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("data"u8) || reader.ValueTextEquals("results"u8) || reader.ValueTextEquals("text"u8)
        || reader.ValueTextEquals("embeddings"u8) || reader.ValueTextEquals("embedding"u8) || reader.ValueTextEquals("segments"u8)
        || reader.ValueTextEquals("input_tokens"u8) || reader.ValueTextEquals("totalTokens"u8) || reader.ValueTextEquals("predictions"u8)
        || reader.ValueTextEquals("output"u8);

    // By value: the caller's reader stays where it is and skips the object itself.
    private static void ReadUsage(Utf8JsonReader reader, ref CapabilityFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }
        Utf8JsonReader again = reader;
        facts.HasUsage |= UsageReader.TryRead(ref reader, ref facts.Usage);
        while (again.Read() && again.TokenType == JsonTokenType.PropertyName)
        {
            bool seconds = again.ValueTextEquals("seconds"u8) || again.ValueTextEquals("prompt_audio_seconds"u8);
            bool gemini = again.ValueTextEquals("promptTokenCount"u8);
            again.Read();
            if (seconds && again.TokenType == JsonTokenType.Number && again.TryGetDecimal(out decimal count))
            {
                facts.Units = new BilledUnits("second", count);
            }
            if (gemini && again.TokenType == JsonTokenType.Number && again.TryGetInt64(out long tokens))
            {
                facts.HasUsage = true;
                facts.Usage = new Usage(UsageSource.Reported, Math.Clamp(tokens, 0, int.MaxValue), 0, 0, 0, 0);
            }
            again.Skip();
        }
    }
}
