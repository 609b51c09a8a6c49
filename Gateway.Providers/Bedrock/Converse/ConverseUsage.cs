using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Converse's <c>usage</c>, whose <c>inputTokens</c> leaves out what was read from and written to the cache.</summary>
internal static class ConverseUsage
{
    // Bedrock itself counts no thoughts; readers of its answers pass over fields that they do not know.
    private const string ReasoningTokens = "reasoningTokens";

    /// <summary>Default when there are no counts in it.</summary>
    public static Usage Read(JsonElement usage)
    {
        if (usage.Whole("inputTokens") is null && usage.Whole("outputTokens") is null)
        {
            return default;
        }
        long read = usage.Whole("cacheReadInputTokens") ?? usage.Whole("cacheReadInputTokenCount") ?? 0;
        long written = usage.Whole("cacheWriteInputTokens") ?? usage.Whole("cacheWriteInputTokenCount") ?? 0;
        long input = (usage.Whole("inputTokens") ?? 0) + read + written;
        return new Usage(UsageSource.Reported, input, read, written, usage.Whole("outputTokens") ?? 0, usage.Whole(ReasoningTokens) ?? 0);
    }

    public static void Write(Utf8JsonWriter writer, Usage usage)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("inputTokens", Math.Max(0, usage.InputTokens - usage.CachedInputTokens - usage.CacheWriteTokens));
        writer.WriteNumber("outputTokens", usage.OutputTokens);
        writer.WriteNumber("totalTokens", usage.TotalTokens);
        writer.WriteNumber("cacheReadInputTokens", usage.CachedInputTokens);
        writer.WriteNumber("cacheWriteInputTokens", usage.CacheWriteTokens);
        if (usage.ReasoningTokens > 0)
        {
            writer.WriteNumber(ReasoningTokens, usage.ReasoningTokens);
        }
        writer.WriteEndObject();
    }
}
