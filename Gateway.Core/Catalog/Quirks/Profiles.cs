using static Gateway.Core.Catalog.Quirks.FieldAction;

namespace Gateway.Core.Catalog.Quirks;

/// <summary>The only table of what OpenAI-compatible servers do differently; explained in <c>docs/providers.md</c>.</summary>
public static class Profiles
{
    private static readonly FieldRule MaxTokens = new("max_completion_tokens", Rename, "max_tokens");

    private static readonly FieldRule[] NoLogprobs =
        [new("logit_bias", RemoveNeutral), new("logprobs", RemoveNeutral), new("top_logprobs", RemoveNeutral)];

    private static readonly Profile[] All =
    [
        new("none"),
        new("vllm")
        {
            CountsContinuously = true,
            Prefill = "continue_final_message",
            Evidence = "Ignores fields that it does not know; stream_options.continuous_usage_stats puts the counts so far into every chunk (docs.vllm.ai).",
        },
        new("ollama", "ollama.com", "11434")
        {
            Rules = [MaxTokens],
            Evidence = "Its list of supported fields (docs.ollama.com, OpenAI compatibility) has max_tokens only; others are ignored.",
        },
        new("groq", "api.groq.com")
        {
            BaseUrl = "https://api.groq.com/openai/v1",
            Prefix = "/openai/v1",
            Rules = NoLogprobs,
            Prefill = "last_message",
            Evidence = "logprobs, logit_bias and top_logprobs \"will result in a 400 error\" (console.groq.com/docs/openai).",
        },
        new("mistral", "api.mistral.ai", "codestral.mistral.ai")
        {
            BaseUrl = "https://api.mistral.ai/v1",
            TakesStreamOptions = false,
            Prefill = "prefix",
            Rules =
            [
                MaxTokens,
                new("seed", Rename, "random_seed"),
                new("stream_options", Remove),
                new("store", Remove),
                new("user", Remove),
                new("service_tier", Remove),
                new("safety_identifier", Remove),
                new("verbosity", Remove),
                .. NoLogprobs,
            ],
            Evidence = "Answers unknown fields with 422 extra_forbidden: recorded for max_completion_tokens, reported for stream_options "
                + "(openai/openai-agents-python#442, BerriAI/litellm#8978); its API reference has random_seed for seed.",
        },
        new("deepseek", "api.deepseek.com")
        {
            BaseUrl = "https://api.deepseek.com/v1",
            Rules = [MaxTokens],
            Evidence = "Its API reference has max_tokens only (api-docs.deepseek.com).",
        },
        new("openrouter", "openrouter.ai")
        {
            BaseUrl = "https://openrouter.ai/api/v1",
            Prefix = "/api/v1",
            Prefill = "last_message",
            Evidence = "Takes OpenAI's fields and leaves out what the chosen model does not know.",
        },
        new("xai", "api.x.ai")
        {
            BaseUrl = "https://api.x.ai/v1",
            Rules = [new("presence_penalty", RemoveNeutral), new("frequency_penalty", RemoveNeutral)],
            Evidence = "Its reasoning models refuse the penalties, also when they are 0 (ChatGPTNextWeb/NextChat#6443).",
        },
        new("together", "api.together.ai", "api.together.xyz")
        {
            BaseUrl = "https://api.together.xyz/v1",
            Rules = [MaxTokens],
            Evidence = "Its API reference has max_tokens only (docs.together.ai).",
        },
        new("cerebras", "api.cerebras.ai")
        {
            BaseUrl = "https://api.cerebras.ai/v1",
            Rules =
            [
                new("frequency_penalty", RemoveNeutral),
                new("presence_penalty", RemoveNeutral),
                new("logit_bias", RemoveNeutral),
                new("parallel_tool_calls", RemoveTrue),
                new("service_tier", Remove),
            ],
            Evidence = "These fields \"will result in a 400 error\" (inference-docs.cerebras.ai, OpenAI compatibility).",
        },
        new("perplexity", "api.perplexity.ai")
        {
            BaseUrl = "https://api.perplexity.ai",
            Prefix = "",
            Rules = [MaxTokens],
            Evidence = "Its list of OpenAI parameters has max_tokens only (docs.perplexity.ai, chat completions guide).",
        },
    ];

    /// <summary>In the order of the table.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(p => p.Name)];

    /// <summary>Null when there is none of that name.</summary>
    public static Profile? Find(string? name) => Array.Find(All, p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The profile that a provider's setting names, else the one that its host is known for; null for neither.</summary>
    public static Profile? Of(ProviderKind kind, IReadOnlyDictionary<string, string> settings, Uri? baseUrl) =>
        kind != ProviderKind.OpenAICompatible ? null
        : settings.TryGetValue("profile", out string? name) ? Find(name)
        : baseUrl is null ? null
        : Array.Find(All, p => p.Hosts.Any(h => IsAt(baseUrl, h)));

    private static bool IsAt(Uri url, string host) => int.TryParse(host, System.Globalization.CultureInfo.InvariantCulture, out int port)
        ? url.Port == port
        : url.Host.Equals(host, StringComparison.OrdinalIgnoreCase) || url.Host.EndsWith("." + host, StringComparison.OrdinalIgnoreCase);
}
