using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Providers.Gemini;

/// <summary>
/// <c>usageMetadata</c>: cached tokens are within the prompt's, thoughts beside the candidates', and what Google's own tools
/// put into the prompt beside the prompt's.
/// </summary>
internal static class GeminiUsage
{
    /// <summary>Default when it holds no counts (Vertex AI's first chunks).</summary>
    public static Usage Read(JsonElement answer)
    {
        if (!answer.Get("usageMetadata", out JsonElement usage)
            || (usage.GetWhole("promptTokenCount") is null && usage.GetWhole("candidatesTokenCount") is null && usage.GetWhole("totalTokenCount") is null))
        {
            return default;
        }
        long input = Count(usage, "promptTokenCount") + Count(usage, "toolUsePromptTokenCount");
        long thoughts = Count(usage, "thoughtsTokenCount");
        return new Usage(
            UsageSource.Reported, input, Math.Min(Count(usage, "cachedContentTokenCount"), input), 0, Count(usage, "candidatesTokenCount") + thoughts, thoughts);
    }

    private static long Count(JsonElement usage, string name) => Math.Clamp(usage.GetWhole(name) ?? 0, 0, int.MaxValue);

    public static void Write(Usage usage, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usageMetadata");
        writer.WriteNumber("promptTokenCount", usage.InputTokens);
        writer.WriteNumber("candidatesTokenCount", usage.OutputTokens - usage.ReasoningTokens);
        writer.WriteNumber("totalTokenCount", usage.TotalTokens);
        if (usage.CachedInputTokens > 0)
        {
            writer.WriteNumber("cachedContentTokenCount", usage.CachedInputTokens);
        }
        if (usage.ReasoningTokens > 0)
        {
            writer.WriteNumber("thoughtsTokenCount", usage.ReasoningTokens);
        }
        writer.WriteEndObject();
    }
}
