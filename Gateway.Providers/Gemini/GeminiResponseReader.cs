using System.Globalization;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Gemini;

/// <summary>Reads a whole answer.</summary>
internal static class GeminiResponseReader
{
    /// <summary>The extension of a candidate that stands for a prompt which was refused.</summary>
    public const string PromptFeedback = "promptFeedback";

    private static readonly HashSet<string> Known = ["candidates", "usageMetadata", "modelVersion", "responseId", "createTime", PromptFeedback];

    // Read into the candidate, one by one.
    private static readonly HashSet<string> KnownOfCandidate = ["content", "finishReason", "index", "logprobsResult"];

    public static GenerationResponse Read(JsonElement json, ConversionNotes notes)
    {
        // Without alt=sse even a single answer may come as an array of one.
        if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 1)
        {
            json = json[0];
        }
        if (!json.Get("candidates", out _) && !json.Get(PromptFeedback, out _) && !json.Get("usageMetadata", out _))
        {
            throw new GenerationFormatException("The answer holds no 'candidates'.");
        }
        string? id = json.GetText("responseId");
        GeminiCallIds ids = GeminiCallIds.OfAnswer(id);
        List<Candidate> candidates = [.. json.GetItems("candidates").Select((c, i) => ReadCandidate(c, i, ids, notes))];
        if (json.Get(PromptFeedback, out JsonElement feedback) && candidates.Count == 0)
        {
            candidates.Add(OfFeedback(feedback));
        }
        json.Get("usageMetadata", out JsonElement usage);
        return new GenerationResponse
        {
            Id = id,
            Model = json.GetText("modelVersion"),
            CreatedAt = DateTimeOffset.TryParse(json.GetText("createTime"), CultureInfo.InvariantCulture, out DateTimeOffset created) ? created : null,
            Candidates = candidates,
            Usage = GeminiUsage.Read(json),
            RawUsage = usage.ValueKind == JsonValueKind.Object ? new RawJson(Wire.Gemini, usage) : null,
            ServiceTier = usage.GetText("serviceTier") is { } tier ? GeminiServiceTier.Read(tier) : null,
            Extensions = [.. json.Others(Known).Select(o => new VendorExtension(Wire.Gemini, o.Name, o.Value))],
            Origin = Wire.Gemini,
        };
    }

    /// <summary>A refused prompt is an answer that was filtered before its first word.</summary>
    private static Candidate OfFeedback(JsonElement feedback) => new(0, [], FinishReason.ContentFilter)
    {
        RawFinish = feedback.GetText("blockReason"),
        Extensions = [new VendorExtension(Wire.Gemini, PromptFeedback, feedback)],
    };

    private static Candidate ReadCandidate(JsonElement json, int position, GeminiCallIds ids, ConversionNotes notes)
    {
        json.Get("content", out JsonElement content);
        List<Part> parts = new GeminiPartReader(ids).ReadAll(content);
        AddCitations(json, parts);
        string? reason = json.GetText("finishReason");
        if (json.Others(KnownOfCandidate).Any(o => o.Name is not ("groundingMetadata" or "citationMetadata")))
        {
            notes.Bridge("answer_metadata", "What Google says about an answer (ratings, averages, messages) stays on its own wire.");
        }
        return new Candidate(json.GetWhole32("index") ?? position, parts, GeminiFinish.Read(reason, parts.Exists(p => p is ToolCallPart)))
        {
            RawFinish = reason,
            Logprobs = GeminiLogprobs.Read(json),
            Raw = parts.Count > 0 ? new RawJson(Wire.Gemini, content) : null,
            Extensions = [.. json.Others(KnownOfCandidate).Select(o => new VendorExtension(Wire.Gemini, o.Name, o.Value))],
        };
    }

    private static void AddCitations(JsonElement json, List<Part> parts)
    {
        List<int> at = [.. Enumerable.Range(0, parts.Count).Where(i => parts[i] is TextPart)];
        List<(int Text, Citation Citation)> citations = GeminiCitations.Read(json, [.. at.Select(i => ((TextPart)parts[i]).Text)]);
        foreach (IGrouping<int, (int Text, Citation Citation)> group in citations.Where(c => c.Text >= 0).GroupBy(c => c.Text))
        {
            parts[at[group.Key]] = (TextPart)parts[at[group.Key]] with { Citations = [.. group.Select(c => c.Citation)] };
        }
    }
}
