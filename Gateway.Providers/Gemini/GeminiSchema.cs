using System.Text.Json;

namespace Gateway.Providers.Gemini;

/// <summary>
/// Google's <c>Schema</c>, a subset of OpenAPI 3.0's with types in capitals, as the JSON schema that every other vendor takes.
/// Source: google/ai/generativelanguage/v1beta/content.proto, message Schema.
/// </summary>
internal static class GeminiSchema
{
    public static JsonElement ToJsonSchema(JsonElement schema) => GeminiJson.Create(writer => Write(schema, writer));

    private static void Write(JsonElement schema, Utf8JsonWriter writer)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(writer);
            return;
        }
        bool nullable = schema.GetFlag("nullable") ?? false;
        writer.WriteStartObject();
        foreach (JsonProperty property in schema.EnumerateObject())
        {
            WriteMember(GeminiFields.ToCamel(property.Name), property.Value, nullable, writer);
        }
        writer.WriteEndObject();
    }

    private static void WriteMember(string name, JsonElement value, bool nullable, Utf8JsonWriter writer)
    {
        switch (name)
        {
            case "type" when value.ValueKind == JsonValueKind.String:
                WriteType(value.GetString()!.ToLowerInvariant(), nullable, writer);
                break;
            case "properties" or "$defs" or "defs" or "definitions" when value.ValueKind == JsonValueKind.Object:
                writer.WriteStartObject(name == "defs" ? "$defs" : name);
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(property.Value, writer);
                }
                writer.WriteEndObject();
                break;
            case "items" or "additionalProperties":
                writer.WritePropertyName(name);
                Write(value, writer);
                break;
            case "anyOf" or "oneOf" or "allOf" or "prefixItems" when value.ValueKind == JsonValueKind.Array:
                writer.WriteStartArray(name);
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Write(item, writer);
                }
                writer.WriteEndArray();
                break;
            case "example":
                writer.WriteStartArray("examples");
                value.WriteTo(writer);
                writer.WriteEndArray();
                break;
            case "nullable" or "propertyOrdering":
                break;
            // Counts are int64 in Google's document, which ProtoJSON writes as strings.
            case "minItems" or "maxItems" or "minLength" or "maxLength" or "minProperties" or "maxProperties"
                when value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), out long count):
                writer.WriteNumber(name, count);
                break;
            default:
                writer.WritePropertyName(name);
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteType(string type, bool nullable, Utf8JsonWriter writer)
    {
        if (type == "type_unspecified")
        {
            return;
        }
        if (!nullable)
        {
            writer.WriteString("type", type);
            return;
        }
        writer.WriteStartArray("type");
        writer.WriteStringValue(type);
        writer.WriteStringValue("null");
        writer.WriteEndArray();
    }
}
