using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Chat's <c>usage</c>, which counts as the gateway does: cached tokens are input, reasoning is output.</summary>
internal static class ChatUsage
{
    /// <summary>Default when there are no counts in it.</summary>
    public static Usage Read(JsonElement usage)
    {
        if (usage.Whole("prompt_tokens") is null && usage.Whole("completion_tokens") is null && usage.Whole("total_tokens") is null)
        {
            return default;
        }
        long total = usage.Whole("total_tokens") ?? 0;
        long input = usage.Whole("prompt_tokens") ?? Math.Max(0, total - (usage.Whole("completion_tokens") ?? 0));
        long output = usage.Whole("completion_tokens") ?? Math.Max(0, total - input);
        usage.Has("prompt_tokens_details", out JsonElement inputDetails);
        usage.Has("completion_tokens_details", out JsonElement outputDetails);
        long cached = inputDetails.Whole("cached_tokens") ?? usage.Whole("prompt_cache_hit_tokens") ?? usage.Whole("cached_tokens") ?? 0;
        long written = inputDetails.Whole("cache_write_tokens") ?? inputDetails.Whole("cache_creation_tokens") ?? 0;
        long reasoning = outputDetails.Whole("reasoning_tokens") ?? usage.Whole("reasoning_tokens") ?? 0;
        output = Usage.AllOutput(input, output, reasoning, total);
        return new Usage(UsageSource.Reported, input, Math.Min(cached, input), Math.Min(written, input), output, Math.Min(reasoning, output));
    }

    public static void Write(Utf8JsonWriter writer, Usage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", usage.InputTokens);
        writer.WriteNumber("completion_tokens", usage.OutputTokens);
        writer.WriteNumber("total_tokens", usage.TotalTokens);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", usage.CachedInputTokens);
        if (usage.CacheWriteTokens > 0)
        {
            writer.WriteNumber("cache_write_tokens", usage.CacheWriteTokens);
        }
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details");
        writer.WriteNumber("reasoning_tokens", usage.ReasoningTokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
