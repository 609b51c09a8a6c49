using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Providers.Anthropic;

/// <summary>Token counts: Anthropic leaves what was read from and written to its cache out of <c>input_tokens</c>.</summary>
internal static class AnthropicUsage
{
    /// <param name="before">What an earlier event of the stream said; a later one repeats only some of it.</param>
    public static Usage Read(JsonElement usage, Usage before = default)
    {
        if (usage.ValueKind != JsonValueKind.Object)
        {
            return before;
        }
        long cached = Count(usage, "cache_read_input_tokens") ?? before.CachedInputTokens;
        long written = Count(usage, "cache_creation_input_tokens") ?? before.CacheWriteTokens;
        long fresh = Count(usage, "input_tokens") ?? Math.Max(0, before.InputTokens - before.CachedInputTokens - before.CacheWriteTokens);
        long output = Count(usage, "output_tokens") ?? before.OutputTokens;
        usage.Has("output_tokens_details", out JsonElement details);
        long thought = Count(details, "thinking_tokens") ?? before.ReasoningTokens;
        usage.Has("cache_creation", out JsonElement creation);
        long kept = Count(creation, "ephemeral_1h_input_tokens") ?? before.LongCacheWriteTokens;
        return new Usage(UsageSource.Reported, fresh + cached + written, cached, written, output, Math.Min(thought, output)) { LongCacheWriteTokens = Math.Min(kept, written) };
    }

    // A count below none or beyond all reason is not believed.
    private static long? Count(JsonElement usage, string name) => usage.Whole(name) is { } count ? Math.Clamp(count, 0, long.MaxValue / 8) : null;

    /// <summary>Writes the whole object, every field of it: clients are generated from types that have no optional ones.</summary>
    public static void Write(Utf8JsonWriter writer, Usage usage, RawJson? raw, string? serviceTier)
    {
        writer.WritePropertyName("usage");
        if (raw is { Wire: Wire.AnthropicMessages })
        {
            raw.Json.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        WriteCounts(writer, usage);
        writer.WriteStartObject("cache_creation");
        writer.WriteNumber("ephemeral_5m_input_tokens", usage.CacheWriteTokens - usage.LongCacheWriteTokens);
        writer.WriteNumber("ephemeral_1h_input_tokens", usage.LongCacheWriteTokens);
        writer.WriteEndObject();
        writer.WriteNull("inference_geo");
        writer.WriteString("service_tier", serviceTier is "standard" or "priority" or "batch" ? serviceTier : null);
        writer.WriteNull("speed");
        writer.WriteEndObject();
    }

    /// <summary>The fields that both a whole answer and the end of a stream have.</summary>
    public static void WriteCounts(Utf8JsonWriter writer, Usage usage)
    {
        writer.WriteNumber("input_tokens", Math.Max(0, usage.InputTokens - usage.CachedInputTokens - usage.CacheWriteTokens));
        writer.WriteNumber("cache_creation_input_tokens", usage.CacheWriteTokens);
        writer.WriteNumber("cache_read_input_tokens", usage.CachedInputTokens);
        writer.WriteNumber("output_tokens", usage.OutputTokens);
        writer.WriteStartObject("output_tokens_details");
        writer.WriteNumber("thinking_tokens", usage.ReasoningTokens);
        writer.WriteEndObject();
        writer.WriteNull("server_tool_use");
    }
}
