using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Cohere's <c>usage</c>: <c>tokens</c> is what went through the model, cached ones included; <c>billed_units</c> leaves its own prompt out.</summary>
internal static class CohereUsage
{
    // Cohere itself counts no thoughts; readers of its answers pass over fields that they do not know.
    private const string ReasoningTokens = "reasoning_tokens";

    /// <summary>Default when there are no counts in it.</summary>
    public static Usage Read(JsonElement usage)
    {
        if (!usage.Has("tokens", out JsonElement tokens) && !usage.Has("billed_units", out tokens))
        {
            return default;
        }
        long input = tokens.Whole("input_tokens") ?? 0;
        long cached = Math.Min(usage.Whole("cached_tokens") ?? 0, input);
        return new Usage(UsageSource.Reported, input, cached, 0, tokens.Whole("output_tokens") ?? 0, tokens.Whole(ReasoningTokens) ?? 0);
    }

    public static void Write(Utf8JsonWriter writer, Usage usage)
    {
        writer.WriteStartObject("usage");
        foreach (string name in (ReadOnlySpan<string>)["billed_units", "tokens"])
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("input_tokens", usage.InputTokens);
            writer.WriteNumber("output_tokens", usage.OutputTokens);
            if (usage.ReasoningTokens > 0)
            {
                writer.WriteNumber(ReasoningTokens, usage.ReasoningTokens);
            }
            writer.WriteEndObject();
        }
        writer.WriteNumber("cached_tokens", usage.CachedInputTokens);
        writer.WriteEndObject();
    }
}
