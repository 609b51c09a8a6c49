using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Chat's <c>response_format</c>.</summary>
internal static class ChatFormat
{
    public static OutputFormat? Read(JsonElement json)
    {
        if (!json.Has("response_format", out JsonElement format))
        {
            return null;
        }
        if (format.Text("type") is not "json_schema" || !format.Has("json_schema", out JsonElement schema))
        {
            return new OutputFormat(format.Text("type") == "json_object" ? OutputFormatKind.JsonObject : OutputFormatKind.Text);
        }
        return new OutputFormat(OutputFormatKind.JsonSchema)
        {
            Name = schema.Text("name"),
            Description = schema.Text("description"),
            Strict = schema.Flag("strict"),
            Schema = schema.Has("schema", out JsonElement value) ? value : default,
        };
    }

    public static void Write(OutputFormat? format, Utf8JsonWriter writer)
    {
        if (format is null)
        {
            return;
        }
        writer.WriteStartObject("response_format");
        writer.WriteString("type", format.Kind switch
        {
            OutputFormatKind.JsonObject => "json_object",
            OutputFormatKind.JsonSchema => "json_schema",
            _ => "text",
        });
        if (format.Kind == OutputFormatKind.JsonSchema)
        {
            writer.WriteStartObject("json_schema");
            writer.WriteString("name", format.Name ?? "answer");
            if (format.Description is not null)
            {
                writer.WriteString("description", format.Description);
            }
            if (format.Schema.ValueKind != JsonValueKind.Undefined)
            {
                writer.WritePropertyName("schema");
                format.Schema.WriteTo(writer);
            }
            if (format.Strict is { } strict)
            {
                writer.WriteBoolean("strict", strict);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
