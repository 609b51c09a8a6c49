using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Providers.OpenAI;

/// <summary>Writes <c>usage</c> as OpenAI's pictures and sound report it.</summary>
internal static class TokenUsage
{
    /// <summary>Nothing where nothing was reported.</summary>
    /// <param name="type">The value of <c>type</c>; null for none.</param>
    /// <param name="details">The name of the input's details; null for none.</param>
    /// <param name="medium">The details' member beside <c>text_tokens</c>, and how many of the input's tokens it counts.</param>
    public static void Write(Utf8JsonWriter json, Usage usage, string? type, string? details, (string Name, long Tokens) medium)
    {
        if (usage.Source != UsageSource.Reported)
        {
            return;
        }
        json.WriteStartObject("usage"u8);
        if (type is not null)
        {
            json.WriteString("type"u8, type);
        }
        json.WriteNumber("input_tokens"u8, usage.InputTokens);
        if (details is not null)
        {
            json.WriteStartObject(details);
            json.WriteNumber("text_tokens"u8, Math.Max(usage.InputTokens - medium.Tokens, 0));
            json.WriteNumber(medium.Name, medium.Tokens);
            json.WriteEndObject();
        }
        json.WriteNumber("output_tokens"u8, usage.OutputTokens);
        json.WriteNumber("total_tokens"u8, usage.TotalTokens);
        json.WriteEndObject();
    }
}
