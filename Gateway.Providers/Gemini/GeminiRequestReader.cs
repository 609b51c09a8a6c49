using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.Gemini;

/// <summary>Reads the body of <c>generateContent</c>.</summary>
internal static class GeminiRequestReader
{
    // "model" may stand in the body of a counted request; the path decides.
    private static readonly HashSet<string> Known =
        ["model", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "labels", "serviceTier"];

    private static readonly HashSet<string> KnownToolConfig = ["functionCallingConfig"];

    public static GenerationRequest Read(JsonElement json, RequestLine line, ConversionNotes notes)
    {
        json.Get("generationConfig", out JsonElement config);
        json.Get("toolConfig", out JsonElement toolConfig);
        return new GenerationRequest
        {
            Model = line.Model ?? json.Text("model") ?? "",
            Instructions = GeminiContentReader.ReadInstructions(json),
            Messages = GeminiContentReader.ReadAll(json),
            Tools = GeminiToolReader.Read(json, notes),
            ToolChoice = GeminiToolReader.ReadChoice(toolConfig),
            Output = GeminiConfigReader.ReadOutput(config),
            Sampling = GeminiConfigReader.ReadSampling(config),
            Reasoning = GeminiConfigReader.ReadReasoning(config),
            Stream = line.Stream ?? false,
            IncludeUsage = true,
            Metadata = ReadLabels(json),
            ServiceTier = json.GetText("serviceTier") is { } tier ? GeminiServiceTier.Read(tier) : null,
            Extensions =
            [
                .. json.Others(Known).Select(o => new VendorExtension(Wire.Gemini, o.Name, o.Value)),
                .. GeminiConfigReader.ReadExtensions(config),
                .. toolConfig.Others(KnownToolConfig).Select(o => new VendorExtension(Wire.Gemini, GeminiConfigWriter.ToolConfigPrefix + o.Name, o.Value) { TunesOnly = true }),
            ],
            Origin = Wire.Gemini,
        };
    }

    private static Dictionary<string, string> ReadLabels(JsonElement json)
    {
        var labels = new Dictionary<string, string>();
        if (json.Has("labels", out JsonElement values) && values.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty label in values.EnumerateObject())
            {
                labels[label.Name] = label.Value.ValueKind == JsonValueKind.String ? label.Value.GetString()! : label.Value.GetRawText();
            }
        }
        return labels;
    }
}
