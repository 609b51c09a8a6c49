using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini;

/// <summary>Writes a JSON schema as Google's <c>Schema</c>, for models that take no other; what has no place there is noted.</summary>
internal sealed class GeminiSchemaSubset(Utf8JsonWriter writer, ConversionNotes notes)
{
    // References are written out in full; a schema that refers to itself has no end.
    private const int Deepest = 24;
    private const int MostNodes = 5000;

    private static readonly HashSet<string> Kept =
    [
        "description", "title", "enum", "required", "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties",
        "minimum", "maximum", "pattern", "default",
    ];

    private static readonly HashSet<string> Handled =
        ["type", "properties", "items", "anyOf", "oneOf", "allOf", "const", "format", "$ref", "$defs", "definitions", "$schema", "additionalProperties"];

    private JsonElement _root;
    private int _nodes;

    public void Write(JsonElement schema)
    {
        _root = schema;
        WriteSchema(schema, 0, false);
    }

    private void WriteSchema(JsonElement schema, int depth, bool nullable)
    {
        if (++_nodes > MostNodes)
        {
            throw new GenerationFormatException("The schema is too large for this model once its references are written out.", "schema");
        }
        schema = Resolve(schema);
        writer.WriteStartObject();
        if (depth >= Deepest || schema.ValueKind != JsonValueKind.Object || schema.Has("$ref", out _))
        {
            writer.WriteString("type", "OBJECT");
            writer.WriteEndObject();
            return;
        }
        foreach (string name in (string[])["anyOf", "oneOf"])
        {
            nullable |= schema.Items(name).Any(IsNull);
        }
        nullable |= schema.Items("type").Any(t => t.ValueKind == JsonValueKind.String && t.ValueEquals("null"));
        if (nullable)
        {
            writer.WriteBoolean("nullable", true);
        }
        WriteType(schema);
        WriteMembers(schema, depth);
        writer.WriteEndObject();
    }

    private void WriteType(JsonElement schema)
    {
        string? type = schema.Text("type")
            ?? schema.Items("type").Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()).FirstOrDefault(t => t != "null")
            ?? (schema.Has("properties", out _) ? "object" : schema.Has("enum", out _) || schema.Has("const", out _) ? "string" : null);
        if (type is not null and not "null")
        {
            writer.WriteString("type", type.ToUpperInvariant());
        }
        if (schema.Text("format") is { } format && format is "date-time" or "enum" or "float" or "double" or "int32" or "int64")
        {
            writer.WriteString("format", format);
        }
        if (schema.Text("const") is { } constant)
        {
            writer.WriteStartArray("enum");
            writer.WriteStringValue(constant);
            writer.WriteEndArray();
        }
    }

    private void WriteMembers(JsonElement schema, int depth)
    {
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            if (member.Name == "enum" ? AllText(member.Value) : Kept.Contains(member.Name))
            {
                writer.WritePropertyName(member.Name);
                member.Value.WriteTo(writer);
            }
            else if (!Handled.Contains(member.Name))
            {
                notes.Bridge("schema", "Google's subset of OpenAPI leaves out some of what the JSON schema says.");
            }
        }
        if (schema.Has("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject("properties");
            foreach (JsonProperty property in properties.EnumerateObject())
            {
                writer.WritePropertyName(property.Name);
                WriteSchema(property.Value, depth + 1, false);
            }
            writer.WriteEndObject();
        }
        if (schema.Has("items", out JsonElement items))
        {
            writer.WritePropertyName("items");
            WriteSchema(items, depth + 1, false);
        }
        List<JsonElement> choices = [.. schema.Items("anyOf").Concat(schema.Items("oneOf")).Concat(schema.Items("allOf")).Where(c => !IsNull(c))];
        if (choices.Count > 0)
        {
            writer.WriteStartArray("anyOf");
            choices.ForEach(c => WriteSchema(c, depth + 1, false));
            writer.WriteEndArray();
        }
    }

    private static bool IsNull(JsonElement schema) => schema.Text("type") == "null";

    private static bool AllText(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String);

    // Only references within the schema itself: "#", "#/$defs/Name".
    private JsonElement Resolve(JsonElement schema)
    {
        for (int hops = 0; hops < Deepest && schema.Text("$ref") is { } reference; hops++)
        {
            JsonElement target = _root;
            foreach (string step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!target.Has(step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out target))
                {
                    return default;
                }
            }
            schema = target;
        }
        return schema;
    }
}
