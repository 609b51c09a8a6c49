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
        long kept = usage.LongCacheWriteTokens;
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
            else if (reader.ValueTextEquals("cache_creation"u8))
            {
                reader.Read();
                ReadNumber(ref reader, "ephemeral_1h_input_tokens"u8, default, ref kept);
            }
            else if (reader.ValueTextEquals("output_tokens_details"u8))
            {
                reader.Read();
                ReadNumber(ref reader, "thinking_tokens"u8, "reasoning_tokens"u8, ref reasoning);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (any)
        {
            usage = new Usage(UsageSource.Reported, plain + cached + written, cached, written, output, Math.Min(reasoning, output)) { LongCacheWriteTokens = Math.Min(kept, written) };
        }
        return any;
    }

    private static void ReadNumber(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName, ref long number)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name) || (!otherName.IsEmpty && reader.ValueTextEquals(otherName)))
            {
                UsageReader.TryNumber(ref reader, ref number);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
    }
}
