using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>The <c>text</c> field: the answer's format; <c>verbosity</c> and what else is in it are extensions.</summary>
internal static class ResponsesFormat
{
    public static HashSet<string> Known { get; } = ["format"];

    public static OutputFormat? Read(JsonElement json)
    {
        if (!json.Has("text", out JsonElement text) || !text.Has("format", out JsonElement format))
        {
            return null;
        }
        return format.Text("type") switch
        {
            "json_object" => new OutputFormat(OutputFormatKind.JsonObject),
            "json_schema" => new OutputFormat(OutputFormatKind.JsonSchema)
            {
                Name = format.Text("name"),
                Description = format.Text("description"),
                Strict = format.Flag("strict"),
                Schema = format.Has("schema", out JsonElement schema) ? schema : default,
            },
            _ => new OutputFormat(OutputFormatKind.Text),
        };
    }

    /// <summary>Writes <c>text</c>; in an answer also when the request said nothing.</summary>
    public static void Write(GenerationRequest request, Utf8JsonWriter writer, bool always)
    {
        List<VendorExtension> others = [.. request.Extensions.Where(IsInText)];
        if (request.Output is null && others.Count == 0 && !always)
        {
            return;
        }
        writer.WriteStartObject("text"u8);
        if (request.Output is not null || always)
        {
            writer.WriteStartObject("format"u8);
            WriteFormat(request.Output, writer);
            writer.WriteEndObject();
        }
        foreach (VendorExtension other in others)
        {
            writer.WritePropertyName(other.Name.StartsWith("text.", StringComparison.Ordinal) ? other.Name["text.".Length..] : other.Name);
            other.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    /// <summary>Belongs into <c>text</c>: what was read from there, and Chat's <c>verbosity</c>, which stands at its top.</summary>
    public static bool IsInText(VendorExtension extension) =>
        (extension.Wire == Wire.OpenAIResponses && extension.Name.StartsWith("text.", StringComparison.Ordinal))
        || extension is { Wire: Wire.OpenAIChat, Name: "verbosity" };

    private static void WriteFormat(OutputFormat? format, Utf8JsonWriter writer)
    {
        writer.WriteString("type"u8, format?.Kind switch
        {
            OutputFormatKind.JsonObject => "json_object",
            OutputFormatKind.JsonSchema => "json_schema",
            _ => "text",
        });
        if (format?.Kind != OutputFormatKind.JsonSchema)
        {
            return;
        }
        writer.WriteString("name"u8, format.Name ?? "answer");
        if (format.Description is not null)
        {
            writer.WriteString("description"u8, format.Description);
        }
        if (format.Schema.ValueKind != JsonValueKind.Undefined)
        {
            writer.WritePropertyName("schema"u8);
            format.Schema.WriteTo(writer);
        }
        if (format.Strict is { } strict)
        {
            writer.WriteBoolean("strict"u8, strict);
        }
    }
}
