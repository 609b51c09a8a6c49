using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;

namespace Gateway.Providers.Anthropic;

/// <summary>Reads a Messages request.</summary>
internal static class AnthropicRequestReader
{
    // Read below, one by one; whatever else is there is an extension.
    private static readonly HashSet<string> Known =
    [
        "model", "messages", "system", "tools", "tool_choice", "max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "stream",
        "metadata", "service_tier", "thinking", "output_config", "output_format",
    ];

    // They change what an answer costs, where it is made or how long it takes, not what it says.
    private static readonly HashSet<string> Tuning = ["cache_control", "speed", "diagnostics"];

    public static GenerationRequest Read(JsonElement json, RequestLine line)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("The body must be a JSON object.");
        }
        var extensions = new List<VendorExtension>();
        bool stream = line.Stream ?? json.Flag("stream") ?? false;
        json.Has("metadata", out JsonElement metadata);
        var request = new GenerationRequest
        {
            Model = line.Model ?? json.Text("model") ?? throw new GenerationFormatException("model must name a model.", "model"),
            Instructions = json.Has("system", out JsonElement system) ? AnthropicBlockReader.ReadContent(system, "system") : [],
            Messages = SignedCallId.Restore(AnthropicMessageReader.ReadAll(json, extensions)),
            Tools = AnthropicToolReader.Read(json, extensions),
            ToolChoice = AnthropicToolReader.ReadChoice(json, out bool? parallel),
            ParallelToolCalls = parallel,
            Output = ReadOutput(json),
            Sampling = ReadSampling(json),
            Reasoning = AnthropicThinking.Read(json, extensions),
            Stream = stream,
            IncludeUsage = stream,
            Metadata = ReadMetadata(metadata),
            User = metadata.Text("user_id"),
            ServiceTier = json.Text("service_tier"),
            Extensions = extensions,
            Origin = Wire.AnthropicMessages,
        };
        ReadExtensions(json, extensions);
        return request;
    }

    private static Sampling ReadSampling(JsonElement json) => new()
    {
        MaxOutputTokens = json.Whole32("max_tokens"),
        Temperature = json.Number("temperature"),
        TopP = json.Number("top_p"),
        TopK = json.Whole32("top_k"),
        Stop = [.. json.Items("stop_sequences").Where(s => s.ValueKind == JsonValueKind.String).Select(s => s.GetString()!)],
    };

    // output_format was the field's place in its beta.
    private static OutputFormat? ReadOutput(JsonElement json)
    {
        if (!(json.Has("output_config", out JsonElement config) && config.Has("format", out JsonElement format)) && !json.Has("output_format", out format))
        {
            return null;
        }
        // The schema always binds here; elsewhere a strict one must name every property as required.
        return format.Has("schema", out JsonElement schema)
            ? new OutputFormat(OutputFormatKind.JsonSchema) { Schema = schema, Strict = AnthropicSchema.IsClosed(schema) ? true : null }
            : null;
    }

    private static Dictionary<string, string> ReadMetadata(JsonElement metadata)
    {
        var labels = new Dictionary<string, string>();
        if (metadata.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty label in metadata.EnumerateObject().Where(l => l.Name != "user_id" && l.Value.ValueKind != JsonValueKind.Null))
            {
                labels[label.Name] = label.Value.ValueKind == JsonValueKind.String ? label.Value.GetString()! : label.Value.GetRawText();
            }
        }
        return labels;
    }

    private static void ReadExtensions(JsonElement json, List<VendorExtension> extensions)
    {
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (!Known.Contains(property.Name) && property.Value.ValueKind != JsonValueKind.Null)
            {
                extensions.Add(new VendorExtension(Wire.AnthropicMessages, property.Name, property.Value) { TunesOnly = Tuning.Contains(property.Name) || BeginsThread(property) });
            }
        }
    }

    // The whole conversation is in the request. Where nobody keeps it, it is sent whole the next time, too.
    private static bool BeginsThread(JsonProperty property) => property.Name == "thread" && property.Value.Text("type") == "create";
}
