using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>The <c>usage</c> of an answer, which counts as the gateway does: cached tokens are input, reasoning is output.</summary>
internal static class ResponsesUsage
{
    /// <summary>Default when there are no counts in it.</summary>
    public static Usage Read(JsonElement response)
    {
        if (!response.Has("usage", out JsonElement usage) || (usage.Whole("input_tokens") is null && usage.Whole("output_tokens") is null))
        {
            return default;
        }
        usage.Has("input_tokens_details", out JsonElement input);
        usage.Has("output_tokens_details", out JsonElement output);
        return new Usage(
            UsageSource.Reported,
            usage.Whole("input_tokens") ?? 0,
            input.Whole("cached_tokens") ?? 0,
            input.Whole("cache_write_tokens") ?? 0,
            usage.Whole("output_tokens") ?? 0,
            output.Whole("reasoning_tokens") ?? 0);
    }

    public static void Write(Usage usage, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input_tokens"u8, usage.InputTokens);
        writer.WriteStartObject("input_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CachedInputTokens);
        if (usage.CacheWriteTokens > 0)
        {
            writer.WriteNumber("cache_write_tokens"u8, usage.CacheWriteTokens);
        }
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens"u8, usage.OutputTokens);
        writer.WriteStartObject("output_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.ReasoningTokens);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens"u8, usage.TotalTokens);
        writer.WriteEndObject();
    }
}
