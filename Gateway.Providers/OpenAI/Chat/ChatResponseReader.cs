using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Reads a whole Chat answer.</summary>
internal static class ChatResponseReader
{
    // Mapped, or about this one answer only.
    private static readonly HashSet<string> Known =
        ["id", "object", "created", "model", "choices", "usage", "service_tier", "citations", "search_results", "x_groq", "error"];

    // What servers tell of themselves: nothing of the answer.
    private static readonly HashSet<string> Diagnostics =
    [
        "system_fingerprint", "provider", "request_id", "time_info", "usage_breakdown", "sla_metrics", "metrics", "metadata", "stream_options",
        "kv_transfer_params", "latency_checkpoint", "prompt_token_ids", "prompt_text", "prompt",
    ];

    public static GenerationResponse Read(JsonElement json)
    {
        if (!json.Has("choices", out JsonElement choices) || choices.ValueKind != JsonValueKind.Array)
        {
            throw new GenerationFormatException("The answer holds no 'choices'.");
        }
        List<Candidate> candidates = [.. choices.EnumerateArray().Select(ReadChoice)];
        if (candidates.Count > 0 && ChatCitations.OfAnswer(json) is { Count: > 0 } citations)
        {
            candidates[0] = candidates[0] with { Parts = WithCitations(candidates[0].Parts, citations) };
        }
        json.Has("usage", out JsonElement usage);
        if (usage.ValueKind != JsonValueKind.Object && json.Has("x_groq", out JsonElement groq))
        {
            groq.Has("usage", out usage);
        }
        return new GenerationResponse
        {
            Id = json.Text("id"),
            Model = json.Text("model"),
            CreatedAt = json.Whole("created") is >= 0 and < 250_000_000_000 and var created ? DateTimeOffset.FromUnixTimeSeconds(created) : null,
            Candidates = candidates,
            Usage = ChatUsage.Read(usage),
            ServiceTier = json.Text("service_tier"),
            Extensions = [.. json.EnumerateObject()
                .Where(p => !Known.Contains(p.Name) && p.Value.ValueKind != JsonValueKind.Null)
                .Select(p => new VendorExtension(Wire.OpenAIChat, p.Name, p.Value) { TunesOnly = Diagnostics.Contains(p.Name) })],
            Origin = Wire.OpenAIChat,
        };
    }

    private static Candidate ReadChoice(JsonElement choice, int position)
    {
        if (!choice.Has("message", out JsonElement message))
        {
            throw new GenerationFormatException("A choice of the answer holds no 'message'.");
        }
        List<Part> parts = ChatMessageReader.ReadAssistant(message);
        string? reason = choice.Text("finish_reason");
        return new Candidate(choice.Whole32("index") ?? position, parts, ChatFinish.Read(reason, parts.Any(p => p is ToolCallPart)))
        {
            RawFinish = reason,
            StopSequence = choice.Text("stop_reason"),
            Logprobs = choice.Has("logprobs", out JsonElement logprobs) ? logprobs : default,
            Raw = new RawJson(Wire.OpenAIChat, message),
        };
    }

    private static List<Part> WithCitations(IReadOnlyList<Part> parts, IReadOnlyList<Citation> citations)
    {
        List<Part> cited = [.. parts];
        int last = cited.FindLastIndex(p => p is TextPart { Citations.Count: 0 });
        if (last >= 0)
        {
            cited[last] = (TextPart)cited[last] with { Citations = citations };
        }
        return cited;
    }
}
