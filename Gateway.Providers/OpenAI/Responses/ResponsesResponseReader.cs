using System.Buffers;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Reads a Response object: a whole answer, or the last event of a stream.</summary>
internal static class ResponsesResponseReader
{
    // Mapped, repeated from the request, or about this one answer only.
    private static readonly HashSet<string> Known =
    [
        "id", "object", "created_at", "completed_at", "status", "error", "incomplete_details", "model", "output", "output_text", "usage",
        "service_tier", "instructions", "max_output_tokens", "max_tool_calls", "parallel_tool_calls", "previous_response_id", "reasoning",
        "store", "temperature", "text", "tool_choice", "tools", "top_p", "top_logprobs", "truncation", "user", "metadata", "background",
        "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "frequency_penalty", "presence_penalty", "billing", "prompt",
    ];

    public static GenerationResponse Read(JsonElement json)
    {
        if (!json.Has("output", out JsonElement output) || output.ValueKind != JsonValueKind.Array)
        {
            throw new GenerationFormatException("The answer holds no 'output'.");
        }
        if (json.Text("status") == "failed")
        {
            json.Has("error", out JsonElement error);
            throw new GenerationFormatException("The upstream failed: " + (error.Text("message") ?? "it does not say why."));
        }
        List<Part> parts = [];
        foreach (JsonElement item in output.EnumerateArray())
        {
            ResponsesItemReader.Read(item, parts);
        }
        return new GenerationResponse
        {
            Id = json.Text("id"),
            Model = json.Text("model"),
            CreatedAt = json.Whole("created_at") is >= 0 and < 250_000_000_000 and var created ? DateTimeOffset.FromUnixTimeSeconds(created) : null,
            Candidates =
            [
                new Candidate(0, parts, ResponsesStatus.Read(json, parts))
                {
                    RawFinish = ResponsesStatus.Word(json),
                    Logprobs = LogprobsOf(output),
                    Raw = new RawJson(Wire.OpenAIResponses, output),
                },
            ],
            Usage = ResponsesUsage.Read(json),
            RawUsage = json.Has("usage", out JsonElement usage) ? new RawJson(Wire.OpenAIResponses, usage) : null,
            ServiceTier = json.Text("service_tier"),
            Extensions = [.. json.EnumerateObject()
                .Where(p => !Known.Contains(p.Name) && p.Value.ValueKind != JsonValueKind.Null)
                .Select(p => new VendorExtension(Wire.OpenAIResponses, p.Name, p.Value) { TunesOnly = true })],
            Origin = Wire.OpenAIResponses,
        };
    }

    // Each text part has its own list here; Chat, whose form the canonical one is, has one for the answer.
    private static JsonElement LogprobsOf(JsonElement output)
    {
        List<JsonElement> tokens = [.. output.EnumerateArray()
            .SelectMany(i => i.Items("content"))
            .SelectMany(c => c.Items("logprobs"))];
        if (tokens.Count == 0)
        {
            return default;
        }
        return Wrap(tokens);
    }

    /// <summary>Tokens in Chat's form, <c>{"content": […]}</c>.</summary>
    public static JsonElement Wrap(IEnumerable<JsonElement> tokens)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("content"u8);
            foreach (JsonElement token in tokens)
            {
                token.WriteTo(writer);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return JsonFields.Parse(buffer.WrittenSpan);
    }
}
