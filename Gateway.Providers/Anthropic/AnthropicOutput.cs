using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Anthropic;

/// <summary>Writes <c>output_config</c>; where a model has no field for the shape that is asked for, an instruction says it.</summary>
internal sealed class AnthropicOutput(Utf8JsonWriter writer, ConversionNotes notes, GenerationRequest request, bool takesSchema)
{
    private readonly bool _native = takesSchema && request.Output is { Kind: OutputFormatKind.JsonSchema, Schema.ValueKind: JsonValueKind.Object };

    /// <summary>What to tell the model in words; null for nothing.</summary>
    public string? Instruction
    {
        get
        {
            if (_native || request.Output is not { Kind: OutputFormatKind.JsonObject or OutputFormatKind.JsonSchema } format)
            {
                return null;
            }
            notes.Bridge("response_format", "The model was told in words to answer with JSON.");
            const string Only = "Answer with one JSON object and nothing else: no words before or after it, and no code fence.";
            return format.Schema.ValueKind == JsonValueKind.Object ? $"{Only} It must fit this JSON schema:\n{format.Schema.GetRawText()}" : Only;
        }
    }

    public void WriteConfig(string? effort)
    {
        List<VendorExtension> rest = [.. request.Extensions.Where(e => e.Name.StartsWith(AnthropicThinking.ConfigPrefix, StringComparison.Ordinal))];
        if (!_native && effort is null && rest.Count == 0)
        {
            return;
        }
        writer.WriteStartObject("output_config");
        if (effort is not null && !rest.Exists(e => e.Name == AnthropicThinking.ConfigPrefix + "effort"))
        {
            writer.WriteString("effort", effort);
        }
        if (_native)
        {
            WriteFormat(request.Output!.Schema);
        }
        VendorExtension.WriteAll(
            [.. rest.Select(e => e with { Name = e.Name[AnthropicThinking.ConfigPrefix.Length..] })], Wire.AnthropicMessages, writer, notes);
        writer.WriteEndObject();
    }

    private void WriteFormat(JsonElement schema)
    {
        writer.WriteStartObject("format");
        writer.WriteString("type", "json_schema");
        writer.WritePropertyName("schema");
        if (request.Origin == Wire.AnthropicMessages)
        {
            schema.WriteTo(writer);
        }
        else
        {
            var closed = new AnthropicSchema(writer);
            closed.Write(schema);
            if (closed.Changed)
            {
                notes.Bridge("json_schema", "Rules that Anthropic does not enforce were moved into descriptions.");
            }
        }
        writer.WriteEndObject();
    }
}
