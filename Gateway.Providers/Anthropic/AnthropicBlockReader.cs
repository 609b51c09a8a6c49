using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Reads content blocks, of requests and of answers.</summary>
internal static class AnthropicBlockReader
{
    /// <summary>Reads a string or a list of blocks; nothing when there is none.</summary>
    public static List<Part> ReadContent(JsonElement content, string param)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                return [];
            case JsonValueKind.String:
                return [new TextPart(content.GetString()!)];
            case JsonValueKind.Array:
                break;
            default:
                throw new GenerationFormatException($"{param} must be a string or a list of blocks.", param);
        }
        List<Part> parts = [];
        foreach (JsonElement block in content.EnumerateArray())
        {
            string type = block.Text("type")
                ?? throw new GenerationFormatException($"{param}[{parts.Count}] must be an object with a type.", $"{param}[{parts.Count}]");
            if (type != "redacted_thinking" || !AnthropicPartSignature.Restore(block.Text("data"), parts))
            {
                parts.Add(Read(block, type, param));
            }
        }
        return parts;
    }

    private static Part Read(JsonElement block, string type, string param)
    {
        CacheHint? cache = block.Has("cache_control", out JsonElement hint) ? new CacheHint(hint.Text("ttl")) : null;
        return type switch
        {
            "text" => new TextPart(block.Text("text") ?? "") { Citations = AnthropicCitations.Read(block), Cache = cache },
            "image" or "document" or "search_result" => AnthropicMedia.Read(block, type, cache),
            "thinking" => ReadThinking(block),
            "redacted_thinking" => ReadRedacted(block),
            "tool_use" => new ToolCallPart(block.Text("id") ?? "", block.Text("name") ?? "", ReadInput(block)) { Cache = cache },
            "tool_result" => ReadResult(block, param, cache),
            _ => new OpaquePart(Wire.AnthropicMessages, type, block) { Cache = cache },
        };
    }

    public static string ReadInput(JsonElement block) => block.Has("input", out JsonElement input) ? input.GetRawText() : "{}";

    private static ReasoningPart ReadThinking(JsonElement block)
    {
        string text = block.Text("thinking") ?? "";
        if (string.IsNullOrEmpty(block.Text("signature")))
        {
            return new ReasoningPart(text);
        }
        (Wire origin, string signature) = ForeignSignature.Unwrap(Wire.AnthropicMessages, block.Text("signature")!);
        return new ReasoningPart(text) { Signature = signature.Length > 0 ? signature : null, Origin = origin };
    }

    private static ReasoningPart ReadRedacted(JsonElement block)
    {
        (Wire origin, string data) = ForeignSignature.Unwrap(Wire.AnthropicMessages, block.Text("data") ?? "");
        return new ReasoningPart("") { Redacted = true, Signature = data, Origin = origin };
    }

    // One deep: results do not nest, and what claims to is left as it is.
    private static ToolResultPart ReadResult(JsonElement block, string param, CacheHint? cache)
    {
        block.Has("content", out JsonElement content);
        List<Part> parts = [];
        if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement inner in content.EnumerateArray())
            {
                string type = inner.Text("type") ?? throw new GenerationFormatException($"A block of a tool_result in {param} has no type.", param);
                parts.Add(type == "tool_result" ? new OpaquePart(Wire.AnthropicMessages, type, inner) : Read(inner, type, param));
            }
        }
        else
        {
            parts = ReadContent(content, param);
        }
        return new ToolResultPart(block.Text("tool_use_id") ?? "", parts) { IsError = block.Flag("is_error") ?? false, Cache = cache };
    }
}
