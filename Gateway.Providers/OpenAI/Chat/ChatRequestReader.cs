using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Reads a Chat request, compatible servers' variants of its fields included.</summary>
internal static class ChatRequestReader
{
    // Read below, one by one; whatever else is there is an extension.
    private static readonly HashSet<string> Known =
    [
        "model", "messages", "tools", "functions", "tool_choice", "function_call", "parallel_tool_calls", "response_format", "max_tokens",
        "max_completion_tokens", "temperature", "top_p", "top_k", "stop", "seed", "random_seed", "frequency_penalty", "presence_penalty", "n",
        "logprobs", "top_logprobs", "reasoning_effort", "reasoning", "thinking", "stream", "stream_options", "metadata", "user", "safety_identifier",
        "service_tier", "prompt_cache_key", "store",
    ];

    // How the answer is found or cached, not what it says.
    private static readonly HashSet<string> Tuning =
        ["prompt_cache_options", "prompt_cache_retention", "provider", "transforms", "reasoning_format", "clear_thinking", "verbosity", "route", "sort"];

    public static GenerationRequest Read(JsonElement json)
    {
        List<Message> messages = ChatMessageReader.ReadAll(json, out List<Part> instructions);
        json.Has("stream_options", out JsonElement streamOptions);
        return new GenerationRequest
        {
            Model = json.Text("model") ?? "",
            Instructions = instructions,
            Messages = SignedCallId.Restore(messages),
            Tools = ChatTools.Read(json),
            ToolChoice = ChatTools.ReadChoice(json),
            ParallelToolCalls = json.Flag("parallel_tool_calls"),
            Output = ChatFormat.Read(json),
            Sampling = ReadSampling(json),
            Reasoning = ReadReasoning(json),
            Stream = json.Flag("stream") ?? false,
            IncludeUsage = streamOptions.Flag("include_usage") ?? false,
            Metadata = ReadMetadata(json),
            User = json.Text("safety_identifier") ?? json.Text("user"),
            ServiceTier = json.Text("service_tier"),
            CacheKey = json.Text("prompt_cache_key"),
            Store = json.Flag("store"),
            Extensions = ReadExtensions(json),
            Origin = Wire.OpenAIChat,
        };
    }

    private static Sampling ReadSampling(JsonElement json) => new()
    {
        MaxOutputTokens = json.Whole32("max_completion_tokens") ?? json.Whole32("max_tokens"),
        Temperature = json.Number("temperature"),
        TopP = json.Number("top_p"),
        TopK = json.Whole32("top_k"),
        Stop = json.Text("stop") is { } one ? [one] : [.. json.Items("stop").Where(s => s.ValueKind == JsonValueKind.String).Select(s => s.GetString()!)],
        Seed = json.Whole("seed") ?? json.Whole("random_seed"),
        FrequencyPenalty = json.Number("frequency_penalty"),
        PresencePenalty = json.Number("presence_penalty"),
        Choices = json.Whole32("n"),
        Logprobs = json.Flag("logprobs"),
        TopLogprobs = json.Whole32("top_logprobs"),
    };

    // OpenAI says an effort; OpenRouter an object; Z.AI and DeepSeek a switch in Anthropic's manner.
    private static ReasoningSettings? ReadReasoning(JsonElement json)
    {
        ReasoningEffort? effort = ReasoningEfforts.Parse(json.Text("reasoning_effort"));
        if (json.Has("reasoning", out JsonElement reasoning) && reasoning.ValueKind == JsonValueKind.Object)
        {
            return new ReasoningSettings
            {
                Effort = effort ?? ReasoningEfforts.Parse(reasoning.Text("effort")),
                BudgetTokens = reasoning.Whole32("max_tokens"),
                Enabled = reasoning.Flag("enabled"),
                IncludeThoughts = reasoning.Flag("exclude") is { } exclude ? !exclude : null,
            };
        }
        if (json.Has("thinking", out JsonElement thinking) && thinking.Text("type") is { } type)
        {
            return new ReasoningSettings { Effort = effort, Enabled = type != "disabled", BudgetTokens = thinking.Whole32("budget_tokens") };
        }
        return effort is null ? null : new ReasoningSettings { Effort = effort };
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
            if (!Known.Contains(property.Name) && property.Value.ValueKind != JsonValueKind.Null)
            {
                extensions.Add(new VendorExtension(Wire.OpenAIChat, property.Name, property.Value) { TunesOnly = Tuning.Contains(property.Name) });
            }
        }
        if (json.Has("stream_options", out JsonElement options) && options.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty option in options.EnumerateObject().Where(o => o.Name != "include_usage" && o.Value.ValueKind != JsonValueKind.Null))
            {
                extensions.Add(new VendorExtension(Wire.OpenAIChat, "stream_options." + option.Name, option.Value) { TunesOnly = true });
            }
        }
        return extensions;
    }
}
