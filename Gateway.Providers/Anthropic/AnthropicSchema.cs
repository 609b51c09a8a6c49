using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.Anthropic;

/// <summary>
/// The JSON schema that Anthropic compiles for structured output: closed objects, no numeric or length bounds, few formats.
/// What it refuses with a 400 is moved into the description, where the model at least reads it.
/// Source: Anthropic's page on structured outputs ("JSON Schema limitations"); its SDKs do the same before they send a schema.
/// </summary>
internal sealed class AnthropicSchema(Utf8JsonWriter writer)
{
    private static readonly HashSet<string> Kept = ["type", "enum", "const", "$ref", "title", "required"];
    private static readonly HashSet<string> Maps = ["properties", "$defs", "definitions"];
    private static readonly HashSet<string> Formats =
        ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

    /// <summary>Something was moved or closed: what the model is held to is not all that the schema says.</summary>
    public bool Changed { get; private set; }

    /// <summary>Whether every object in it takes no further properties and requires all it has.</summary>
    public static bool IsClosed(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Array)
        {
            return schema.EnumerateArray().All(IsClosed);
        }
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return true;
        }
        if (schema.Has("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
        {
            int required = schema.Items("required").Count();
            if (required < properties.EnumerateObject().Count() || schema.Flag("additionalProperties") != false)
            {
                return false;
            }
        }
        return schema.EnumerateObject().All(p => IsClosed(p.Value));
    }

    public void Write(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(writer);
            return;
        }
        List<JsonProperty> moved = [];
        writer.WriteStartObject();
        foreach (JsonProperty property in schema.EnumerateObject())
        {
            if (!WriteProperty(property))
            {
                moved.Add(property);
            }
        }
        if (IsObject(schema))
        {
            Changed |= schema.Flag("additionalProperties") != false;
            writer.WriteBoolean("additionalProperties", false);
        }
        WriteDescription(schema.Text("description"), moved);
        writer.WriteEndObject();
    }

    private bool WriteProperty(JsonProperty property)
    {
        JsonElement value = property.Value;
        switch (property.Name)
        {
            case "description" or "additionalProperties" or "$schema":
                return true;
            case "items" when value.ValueKind == JsonValueKind.Object:
                writer.WritePropertyName("items");
                Write(value);
                return true;
            case "anyOf" or "allOf" or "oneOf" when value.ValueKind == JsonValueKind.Array:
                WriteList(property.Name == "allOf" ? "allOf" : "anyOf", value);
                return true;
            case "minItems" when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int least) && least is 0 or 1:
            case "format" when value.ValueKind == JsonValueKind.String && Formats.Contains(value.GetString()!):
                property.WriteTo(writer);
                return true;
            default:
                return Maps.Contains(property.Name) && value.ValueKind == JsonValueKind.Object ? WriteMap(property) : WriteKept(property);
        }
    }

    private bool WriteKept(JsonProperty property)
    {
        if (!Kept.Contains(property.Name))
        {
            return false;
        }
        property.WriteTo(writer);
        return true;
    }

    private bool WriteMap(JsonProperty map)
    {
        writer.WriteStartObject(map.Name);
        foreach (JsonProperty entry in map.Value.EnumerateObject())
        {
            writer.WritePropertyName(entry.Name);
            Write(entry.Value);
        }
        writer.WriteEndObject();
        return true;
    }

    private void WriteList(string name, JsonElement list)
    {
        writer.WriteStartArray(name);
        foreach (JsonElement entry in list.EnumerateArray())
        {
            Write(entry);
        }
        writer.WriteEndArray();
    }

    private void WriteDescription(string? description, List<JsonProperty> moved)
    {
        if (moved.Count > 0)
        {
            Changed = true;
            string rules = string.Join(", ", moved.Select(p => $"{p.Name}: {p.Value.GetRawText()}"));
            description = description is null ? $"({rules})" : $"{description} ({rules})";
        }
        if (description is not null)
        {
            writer.WriteString("description", description);
        }
    }

    private static bool IsObject(JsonElement schema) =>
        schema.Text("type") == "object" || schema.Items("type").Any(t => t.ValueKind == JsonValueKind.String && t.GetString() == "object") || schema.Has("properties", out _);
}
