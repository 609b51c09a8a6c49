using Gateway.Core.Catalog;

namespace Gateway.Core.Library;

/// <summary>An upstream and the wire to speak with it.</summary>
/// <param name="BaseUrl">Null is the vendor's own.</param>
public sealed record ProviderEndpoint(ProviderKind Kind, Wire Wire, string? BaseUrl = null)
{
    /// <summary>Settings of the kind, such as <c>api_version</c> or <c>region</c>, by the names that docs/configuration.md gives.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public static ProviderEndpoint OpenAIResponses(string? baseUrl = null) => new(ProviderKind.OpenAI, Wire.OpenAIResponses, baseUrl);

    public static ProviderEndpoint OpenAIChat(string? baseUrl = null) => new(ProviderKind.OpenAI, Wire.OpenAIChat, baseUrl);

    /// <summary>vLLM, Ollama, Groq, Mistral and all others who speak Chat Completions.</summary>
    public static ProviderEndpoint OpenAICompatible(string baseUrl) => new(ProviderKind.OpenAICompatible, Wire.OpenAIChat, baseUrl);

    public static ProviderEndpoint AzureOpenAIChat(string baseUrl) => new(ProviderKind.AzureOpenAI, Wire.OpenAIChat, baseUrl);

    public static ProviderEndpoint AnthropicMessages(string? baseUrl = null) => new(ProviderKind.Anthropic, Wire.AnthropicMessages, baseUrl);

    public static ProviderEndpoint Gemini(string? baseUrl = null) => new(ProviderKind.Gemini, Wire.Gemini, baseUrl);

    public static ProviderEndpoint Bedrock(string region) =>
        new(ProviderKind.Bedrock, Wire.BedrockConverse) { Settings = new Dictionary<string, string> { ["region"] = region } };

    /// <summary>Answers made in this process, for tests; speaks Chat Completions and needs no key.</summary>
    public static ProviderEndpoint Simulated() => new(ProviderKind.Simulated, Wire.OpenAIChat);
}
