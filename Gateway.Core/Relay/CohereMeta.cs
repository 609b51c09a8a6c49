using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Core.Relay;

/// <summary>
/// Cohere's <c>meta.billed_units</c>: <c>input_tokens</c> and <c>output_tokens</c>, or <c>search_units</c>, or <c>images</c>.
/// Source: Cohere API reference, v2/embed and v2/rerank.
/// </summary>
internal static class CohereMeta
{
    /// <summary>The reader, taken by value, stands on the value of <c>meta</c>.</summary>
    public static void Read(Utf8JsonReader reader, ref CapabilityFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool billed = reader.ValueTextEquals("billed_units"u8);
            reader.Read();
            if (billed && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadBilled(ref reader, ref facts);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void ReadBilled(ref Utf8JsonReader reader, ref CapabilityFacts facts)
    {
        long input = -1;
        long output = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = reader.ValueTextEquals("input_tokens"u8) ? "input"
                : reader.ValueTextEquals("output_tokens"u8) ? "output"
                : reader.ValueTextEquals("search_units"u8) ? "search_unit"
                : reader.ValueTextEquals("images"u8) ? "image" : null;
            reader.Read();
            if (name is null || reader.TokenType != JsonTokenType.Number || !reader.TryGetDecimal(out decimal count) || count < 0 || count > int.MaxValue)
            {
                reader.Skip();
                continue;
            }
            switch (name)
            {
                case "input":
                    input = (long)count;
                    break;
                case "output":
                    output = (long)count;
                    break;
                default:
                    facts.Units = new BilledUnits(name, count);
                    break;
            }
        }
        if (input >= 0)
        {
            facts.HasUsage = true;
            facts.Usage = new Usage(UsageSource.Reported, input, 0, 0, output, 0);
        }
    }
}
