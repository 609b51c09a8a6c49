using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Reads a Responses request.</summary>
internal static class ResponsesRequestReader
{
    // Read below, one by one; whatever else is there is an extension.
    private static readonly HashSet<string> Known =
    [
        "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning", "max_output_tokens",
        "temperature", "top_p", "top_logprobs", "stream", "stream_options", "metadata", "user", "safety_identifier", "service_tier",
        "prompt_cache_key", "store", "previous_response_id", "include",
    ];

    // How the answer is made, not what it is.
    private static readonly HashSet<string> TuneOnly = ["prompt_cache_retention", "prompt_cache_options", "stream_options.include_obfuscation"];

    public static GenerationRequest Read(JsonElement json)
    {
        List<Message> messages = ResponsesInputReader.ReadAll(json, out List<Part> instructions);
        return new GenerationRequest
        {
            Model = json.Text("model") ?? "",
            Instructions = instructions,
            Messages = SignedCallId.Restore(messages),
            Tools = ResponsesTools.Read(json),
            ToolChoice = ResponsesToolChoice.Read(json),
            ParallelToolCalls = json.Flag("parallel_tool_calls"),
            Output = ResponsesFormat.Read(json),
            Sampling = new Sampling
            {
                MaxOutputTokens = json.Whole32("max_output_tokens"),
                Temperature = json.Number("temperature"),
                TopP = json.Number("top_p"),
                Logprobs = ResponsesInclude.WantsLogprobs(json) ? true : null,
                TopLogprobs = json.Whole32("top_logprobs"),
            },
            Reasoning = ResponsesReasoning.Read(json),
            Stream = json.Flag("stream") ?? false,
            IncludeUsage = true,
            Metadata = ReadMetadata(json),
            User = json.Text("safety_identifier") ?? json.Text("user"),
            ServiceTier = json.Text("service_tier"),
            CacheKey = json.Text("prompt_cache_key"),
            PreviousResponseId = json.Text("previous_response_id"),
            Store = json.Flag("store"),
            Extensions = ReadExtensions(json),
            Origin = Wire.OpenAIResponses,
        };
    }

    private static Dictionary<string, string> ReadMetadata(JsonElement json)
    {
        var metadata = new Dictionary<string, string>();
        if (json.Has("metadata", out JsonElement values) && values.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in values.EnumerateObject())
            {
                metadata[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            }
        }
        return metadata;
    }

    private static List<VendorExtension> ReadExtensions(JsonElement json)
    {
        List<VendorExtension> extensions = [];
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (!Known.Contains(property.Name) && !SaysNothing(property))
            {
                extensions.Add(Extension(property.Name, property.Value));
            }
        }
        AddInner(json, "stream_options", [], extensions);
        AddInner(json, "text", ResponsesFormat.Known, extensions);
        AddInner(json, "reasoning", ResponsesReasoning.Known, extensions);
        ResponsesReasoning.AddUnknownEffort(json, extensions);
        ResponsesToolChoice.AddUnknown(json, extensions);
        ResponsesInclude.AddUnknown(json, extensions);
        return extensions;
    }

    private static void AddInner(JsonElement json, string name, HashSet<string> known, List<VendorExtension> extensions)
    {
        if (!json.Has(name, out JsonElement inner) || inner.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        foreach (JsonProperty property in inner.EnumerateObject())
        {
            if (!known.Contains(property.Name) && property.Value.ValueKind != JsonValueKind.Null)
            {
                extensions.Add(Extension($"{name}.{property.Name}", property.Value));
            }
        }
    }

    private static VendorExtension Extension(string name, JsonElement value) => new(Wire.OpenAIResponses, name, value) { TunesOnly = TuneOnly.Contains(name) };

    // SDKs spell out defaults; nobody is to be told that a default was lost.
    private static bool SaysNothing(JsonProperty property) =>
        property.Value.ValueKind == JsonValueKind.Null
        || property is { Name: "background", Value.ValueKind: JsonValueKind.False }
        || (property.Name == "truncation" && property.Value.ValueKind == JsonValueKind.String && property.Value.ValueEquals("disabled"u8));
}
