using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Reads content blocks: objects whose only property (but for a <c>type</c> that some servers add) says what they are.</summary>
internal static class ConverseBlockReader
{
    public static List<Part> ReadAll(IEnumerable<JsonElement> blocks, string param)
    {
        List<Part> parts = [];
        foreach (JsonElement block in blocks)
        {
            if (block.ValueKind != JsonValueKind.Object)
            {
                throw new GenerationFormatException($"Each block of {param} must be an object.", param);
            }
            if (block.Has("cachePoint", out JsonElement point) && parts.Count > 0)
            {
                parts[^1] = parts[^1] with { Cache = new CacheHint(point.Text("ttl")) };
            }
            else
            {
                parts.Add(Read(block));
            }
        }
        return parts;
    }

    public static Part Read(JsonElement block)
    {
        if (block.ValueKind != JsonValueKind.Object
            || !block.EnumerateObject().Any(p => p.Name != "type" && p.Value.ValueKind != JsonValueKind.Null))
        {
            throw new GenerationFormatException("A content block is empty.");
        }
        JsonProperty property = block.EnumerateObject().First(p => p.Name != "type" && p.Value.ValueKind != JsonValueKind.Null);
        JsonElement value = property.Value;
        return property.Name switch
        {
            "text" when value.ValueKind == JsonValueKind.String => new TextPart(value.GetString()!),
            "toolUse" when value.Text("type") is null or "tool_use" => new ToolCallPart(
                value.Text("toolUseId") ?? "", value.Text("name") ?? "", value.Has("input", out JsonElement input) ? input.GetRawText() : "{}"),
            "toolResult" when value.Text("type") is null or "tool_result" => ReadResult(value),
            "reasoningContent" => ReadReasoning(value),
            "citationsContent" => ReadCited(value),
            "json" => new TextPart(value.GetRawText()),
            "image" or "video" or "audio" or "document" when ConverseMedia.Read(property.Name, value) is { } media => media,
            "toolUse" => new OpaquePart(Wire.BedrockConverse, value.Text("type")!, block),
            "toolResult" => new OpaquePart(Wire.BedrockConverse, value.Text("type")!, block),
            _ => new OpaquePart(Wire.BedrockConverse, property.Name, block),
        };
    }

    private static ToolResultPart ReadResult(JsonElement result) =>
        new(result.Text("toolUseId") ?? "", ReadAll(result.Items("content"), "toolResult.content")) { IsError = result.Text("status") == "error" };

    public static ReasoningPart ReadReasoning(JsonElement reasoning)
    {
        if (reasoning.Text("redactedContent") is { } redacted)
        {
            (Wire from, string data) = ForeignSignature.Unwrap(Wire.BedrockConverse, redacted);
            return new ReasoningPart("") { Signature = data, Redacted = true, Origin = from };
        }
        reasoning.Has("reasoningText", out JsonElement text);
        string? raw = text.Text("signature");
        (Wire origin, string? signature) = raw is null ? (Wire.BedrockConverse, null) : ForeignSignature.Unwrap(Wire.BedrockConverse, raw);
        return new ReasoningPart(text.Text("text") ?? "") { Signature = signature, Origin = origin };
    }

    private static TextPart ReadCited(JsonElement cited) =>
        new(string.Concat(cited.Items("content").Select(c => c.Text("text")))) { Citations = [.. cited.Items("citations").Select(ReadCitation)] };

    // Its location is one in the document, not in the answer's text.
    public static Citation ReadCitation(JsonElement citation)
    {
        citation.Has("location", out JsonElement location);
        return new Citation
        {
            Title = citation.Text("title"),
            Url = location.Has("web", out JsonElement web) ? web.Text("url") : null,
            CitedText = string.Concat(citation.Items("sourceContent").Select(s => s.Text("text"))) is { Length: > 0 } text ? text : null,
            Raw = new RawJson(Wire.BedrockConverse, citation),
        };
    }
}
