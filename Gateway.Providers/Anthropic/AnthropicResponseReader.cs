using System.Buffers;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Anthropic;

/// <summary>Reads a whole answer.</summary>
internal static class AnthropicResponseReader
{
    private static readonly HashSet<string> Known = ["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"];

    // What they say beyond the reason to stop and the parts is of use to an operator only.
    private static readonly HashSet<string> Tuning = ["stop_details", "diagnostics", "context_management"];

    public static GenerationResponse Read(JsonElement json)
    {
        if (json.Text("type") == "error" || !json.Has("content", out JsonElement content) || content.ValueKind != JsonValueKind.Array)
        {
            throw new GenerationFormatException("The answer is no message: it has no list 'content'.");
        }
        List<Part> parts = AnthropicBlockReader.ReadContent(content, "content");
        json.Has("usage", out JsonElement usage);
        string? reason = json.Text("stop_reason");
        return new GenerationResponse
        {
            Id = json.Text("id"),
            Model = json.Text("model"),
            Candidates =
            [
                new Candidate(0, parts, AnthropicFinish.Read(reason, parts.Exists(p => p is ToolCallPart)))
                {
                    RawFinish = reason,
                    StopSequence = json.Text("stop_sequence"),
                    Raw = new RawJson(Wire.AnthropicMessages, ToMessage(content)),
                },
            ],
            Usage = AnthropicUsage.Read(usage),
            RawUsage = usage.ValueKind == JsonValueKind.Object ? new RawJson(Wire.AnthropicMessages, usage) : null,
            ServiceTier = usage.Text("service_tier"),
            Extensions = [.. json.EnumerateObject()
                .Where(p => !Known.Contains(p.Name) && p.Value.ValueKind != JsonValueKind.Null)
                .Select(p => new VendorExtension(Wire.AnthropicMessages, p.Name, p.Value) { TunesOnly = Tuning.Contains(p.Name) })],
            Origin = Wire.AnthropicMessages,
        };
    }

    private static JsonElement ToMessage(JsonElement content)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("role", "assistant");
            writer.WritePropertyName("content");
            content.WriteTo(writer);
            writer.WriteEndObject();
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
