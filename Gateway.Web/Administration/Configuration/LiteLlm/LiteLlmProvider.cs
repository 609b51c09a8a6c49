using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>What the prefix of a LiteLLM model (<c>azure/…</c>, <c>groq/…</c>) means here.</summary>
/// <param name="Kind">Null: nothing here can call it.</param>
/// <param name="Profile">A profile of a compatible server, which knows its address.</param>
/// <param name="BaseUrl">The address where neither kind nor profile has one.</param>
internal sealed record LiteLlmProvider(string Prefix, ProviderKind? Kind, string? Profile = null, string? BaseUrl = null)
{
    private static readonly LiteLlmProvider[] Known =
    [
        new("openai", ProviderKind.OpenAI),
        new("text-completion-openai", ProviderKind.OpenAI),
        new("azure", ProviderKind.AzureOpenAI),
        new("azure_text", ProviderKind.AzureOpenAI),
        new("anthropic", ProviderKind.Anthropic),
        new("gemini", ProviderKind.Gemini),
        new("vertex_ai", ProviderKind.Vertex),
        new("vertex_ai_beta", ProviderKind.Vertex),
        new("bedrock", ProviderKind.Bedrock),
        new("bedrock_converse", ProviderKind.Bedrock),
        new("cohere", ProviderKind.Cohere),
        new("cohere_chat", ProviderKind.Cohere),
        new("groq", ProviderKind.OpenAICompatible, "groq"),
        new("mistral", ProviderKind.OpenAICompatible, "mistral"),
        new("codestral", ProviderKind.OpenAICompatible, "mistral", "https://codestral.mistral.ai/v1"),
        new("deepseek", ProviderKind.OpenAICompatible, "deepseek"),
        new("openrouter", ProviderKind.OpenAICompatible, "openrouter"),
        new("xai", ProviderKind.OpenAICompatible, "xai"),
        new("together_ai", ProviderKind.OpenAICompatible, "together"),
        new("cerebras", ProviderKind.OpenAICompatible, "cerebras"),
        new("perplexity", ProviderKind.OpenAICompatible, "perplexity"),
        new("ollama", ProviderKind.OpenAICompatible, "ollama", "http://localhost:11434/v1"),
        new("ollama_chat", ProviderKind.OpenAICompatible, "ollama", "http://localhost:11434/v1"),
        new("hosted_vllm", ProviderKind.OpenAICompatible, "vllm"),
        new("vllm", ProviderKind.OpenAICompatible, "vllm"),
        new("lm_studio", ProviderKind.OpenAICompatible),
        new("azure_ai", ProviderKind.OpenAICompatible),
        new("custom_openai", ProviderKind.OpenAICompatible),
        new("openai_like", ProviderKind.OpenAICompatible),
        new("litellm_proxy", ProviderKind.OpenAICompatible),
        new("llamafile", ProviderKind.OpenAICompatible),
        new("xinference", ProviderKind.OpenAICompatible),
        new("fireworks_ai", ProviderKind.OpenAICompatible, BaseUrl: "https://api.fireworks.ai/inference/v1"),
        new("deepinfra", ProviderKind.OpenAICompatible, BaseUrl: "https://api.deepinfra.com/v1/openai"),
        new("nvidia_nim", ProviderKind.OpenAICompatible, BaseUrl: "https://integrate.api.nvidia.com/v1"),
        new("sambanova", ProviderKind.OpenAICompatible, BaseUrl: "https://api.sambanova.ai/v1"),
        new("moonshot", ProviderKind.OpenAICompatible, BaseUrl: "https://api.moonshot.ai/v1"),
        new("dashscope", ProviderKind.OpenAICompatible, BaseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
        new("ai21", ProviderKind.OpenAICompatible, BaseUrl: "https://api.ai21.com/studio/v1"),
        new("ai21_chat", ProviderKind.OpenAICompatible, BaseUrl: "https://api.ai21.com/studio/v1"),
        new("featherless_ai", ProviderKind.OpenAICompatible, BaseUrl: "https://api.featherless.ai/v1"),
        new("friendliai", ProviderKind.OpenAICompatible, BaseUrl: "https://api.friendli.ai/serverless/v1"),
        new("hyperbolic", ProviderKind.OpenAICompatible, BaseUrl: "https://api.hyperbolic.xyz/v1"),
        new("lambda_ai", ProviderKind.OpenAICompatible, BaseUrl: "https://api.lambda.ai/v1"),
        new("meta_llama", ProviderKind.OpenAICompatible, BaseUrl: "https://api.llama.com/compat/v1"),
        new("nebius", ProviderKind.OpenAICompatible, BaseUrl: "https://api.studio.nebius.ai/v1"),
        new("nscale", ProviderKind.OpenAICompatible, BaseUrl: "https://inference.api.nscale.com/v1"),
        new("scaleway", ProviderKind.OpenAICompatible, BaseUrl: "https://api.scaleway.ai/v1"),
        new("vercel_ai_gateway", ProviderKind.OpenAICompatible, BaseUrl: "https://ai-gateway.vercel.sh/v1"),
        new("volcengine", ProviderKind.OpenAICompatible, BaseUrl: "https://ark.cn-beijing.volces.com/api/v3"),
    ];

    // What LiteLLM calls without a prefix.
    private static readonly (string Start, string Prefix)[] ByName =
    [
        ("gpt-", "openai"), ("chatgpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"), ("text-embedding-", "openai"),
        ("dall-e", "openai"), ("whisper", "openai"), ("tts-", "openai"), ("omni-moderation", "openai"), ("text-moderation", "openai"), ("ft:gpt-", "openai"),
        ("davinci", "openai"), ("babbage", "openai"), ("claude-", "anthropic"), ("gemini-", "vertex_ai"), ("command", "cohere"), ("embed-", "cohere"), ("rerank-", "cohere"),
        ("anthropic.", "bedrock"), ("amazon.", "bedrock"), ("us.", "bedrock"), ("eu.", "bedrock"), ("apac.", "bedrock"), ("global.", "bedrock"),
    ];

    /// <summary>The provider, and the name without what said so.</summary>
    /// <param name="custom"><c>custom_llm_provider</c>, which wins over a prefix.</param>
    public static (LiteLlmProvider Provider, string Name) Of(string model, string? custom)
    {
        int slash = model.IndexOf('/');
        string prefix = slash < 0 ? "" : model[..slash];
        if (custom is not null)
        {
            return (Find(custom), prefix == custom ? model[(slash + 1)..] : model);
        }
        if (slash > 0)
        {
            return (Find(prefix), model[(slash + 1)..]);
        }
        return (Find(ByName.FirstOrDefault(n => model.StartsWith(n.Start, StringComparison.Ordinal)).Prefix ?? ""), model);
    }

    private static LiteLlmProvider Find(string prefix) => Array.Find(Known, k => k.Prefix == prefix) ?? new LiteLlmProvider(prefix, null);
}
