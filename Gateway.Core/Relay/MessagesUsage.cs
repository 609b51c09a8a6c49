using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Core.Relay;

/// <summary>
/// Reads Anthropic's <c>usage</c>, which leaves cached tokens out of <c>input_tokens</c>. A stream tells the input at its start
/// and the output at its end, so counts that are not there stay as they were.
/// </summary>
internal static class MessagesUsage
{
    /// <summary>The reader stands on the object's start and is left on its end. False when there were no counts in it.</summary>
    public static bool TryRead(ref Utf8JsonReader reader, ref Usage usage)
    {
        long plain = usage.InputTokens - usage.CachedInputTokens - usage.CacheWriteTokens;
        long cached = usage.CachedInputTokens;
        long written = usage.CacheWriteTokens;
        long output = usage.OutputTokens;
        long reasoning = usage.ReasoningTokens;
        bool any = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("input_tokens"u8))
            {
                any |= UsageReader.TryNumber(ref reader, ref plain);
            }
            else if (reader.ValueTextEquals("output_tokens"u8))
            {
                any |= UsageReader.TryNumber(ref reader, ref output);
            }
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8))
            {
                any |= UsageReader.TryNumber(ref reader, ref cached);
            }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
            {
                any |= UsageReader.TryNumber(ref reader, ref written);
            }
            else if (reader.ValueTextEquals("output_tokens_details"u8))
            {
                reader.Read();
                ReadDetails(ref reader, ref reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (any)
        {
            usage = new Usage(UsageSource.Reported, plain + cached + written, cached, written, output, Math.Min(reasoning, output));
        }
        return any;
    }

    private static void ReadDetails(ref Utf8JsonReader reader, ref long reasoning)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("thinking_tokens"u8) || reader.ValueTextEquals("reasoning_tokens"u8))
            {
                UsageReader.TryNumber(ref reader, ref reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }
}
