using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Reads a whole Converse answer.</summary>
internal static class ConverseResponseReader
{
    // What it took, not what it says.
    private static readonly HashSet<string> Tuning = ["metrics", "performanceConfig"];

    public static GenerationResponse Read(JsonElement json)
    {
        if (!json.Has("output", out JsonElement output) || !output.Has("message", out JsonElement message))
        {
            throw new GenerationFormatException("The answer holds no output.message.");
        }
        List<Part> parts = ConverseBlockReader.ReadAll(message.Items("content"), "content");
        string? reason = json.Text("stopReason");
        json.Has("serviceTier", out JsonElement tier);
        return new GenerationResponse
        {
            Candidates =
            [
                new Candidate(0, parts, ConverseFinish.Read(reason, parts.Exists(p => p is ToolCallPart)))
                {
                    RawFinish = reason,
                    StopSequence = StopSequenceOf(json),
                    Raw = new RawJson(Wire.BedrockConverse, message),
                },
            ],
            Usage = json.Has("usage", out JsonElement usage) ? ConverseUsage.Read(usage) : default,
            ServiceTier = tier.Text("type"),
            Extensions = [.. json.EnumerateObject()
                .Where(p => p.Name is "trace" or "metrics" or "additionalModelResponseFields" or "performanceConfig" && p.Value.ValueKind != JsonValueKind.Null)
                .Select(p => new VendorExtension(Wire.BedrockConverse, p.Name, p.Value) { TunesOnly = Tuning.Contains(p.Name) })],
            Origin = Wire.BedrockConverse,
        };
    }

    /// <summary>Which stop sequence it was, where the model's own fields say so.</summary>
    public static string? StopSequenceOf(JsonElement json) =>
        !json.Has("additionalModelResponseFields", out JsonElement fields) ? null
        : fields.Text("stop_sequence") ?? (fields.Has("delta", out JsonElement delta) ? delta.Text("stop_sequence") : null);
}
