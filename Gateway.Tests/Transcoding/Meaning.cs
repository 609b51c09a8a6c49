using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Tests.Transcoding;

/// <summary>What must be the same of an answer on every wire, as text that can be compared and read.</summary>
internal static class Meaning
{
    /// <param name="candidates">How many the target can carry.</param>
    public static string Of(GenerationResponse response, int candidates)
    {
        var text = new StringBuilder();
        foreach (Candidate candidate in response.Candidates.Take(candidates))
        {
            text.Append("text: ").AppendLine(string.Concat(candidate.Parts.Select(p => (p as TextPart)?.Text ?? (p as MediaPart)?.Transcript ?? (p as RefusalPart)?.Text)));
            foreach (ToolCallPart call in candidate.Parts.OfType<ToolCallPart>())
            {
                text.Append("call: ").Append(call.Name).Append(' ').AppendLine(Normal(call.ArgumentsJson));
            }
            text.Append("finish: ").AppendLine(Class(candidate.Finish, candidate.Parts));
        }
        return text.Append("usage: ").Append(Of(response.Usage)).ToString();
    }

    public static string Of(Usage usage) =>
        $"in {usage.InputTokens} cached {usage.CachedInputTokens} out {usage.OutputTokens} reasoning {usage.ReasoningTokens}";

    /// <summary>JSON with its names in order and its numbers as values.</summary>
    public static string Normal(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return "{}";
        }
        try
        {
            return Normal(JsonNode.Parse(json));
        }
        catch (JsonException)
        {
            return json;
        }
    }

    private static string Normal(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject o => "{" + string.Join(',', o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => JsonSerializer.Serialize(p.Key) + ":" + Normal(p.Value))) + "}",
        JsonArray a => "[" + string.Join(',', a.Select(Normal)) + "]",
        JsonValue v when v.TryGetValue(out double number) => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => node.ToJsonString(),
    };

    // Wires have different words for the same end: a stop sequence is a stop; a refusal is what a filter does.
    private static string Class(FinishReason reason, IReadOnlyList<Part> parts) => reason switch
    {
        _ when parts.Any(p => p is ToolCallPart) && reason is not (FinishReason.Length or FinishReason.ContentFilter) => "tools",
        // Said in words: an answer like any other.
        _ when parts.Any(p => p is RefusalPart) => "stop",
        FinishReason.Stop or FinishReason.StopSequence or FinishReason.Pause or FinishReason.Other => "stop",
        FinishReason.Length => "length",
        FinishReason.ContentFilter or FinishReason.Refusal => "filter",
        _ => reason.ToString(),
    };
}
