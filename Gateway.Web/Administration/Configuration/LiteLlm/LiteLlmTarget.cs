using System.Text.RegularExpressions;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>What <c>litellm_params.model</c> asks for.</summary>
/// <param name="UpstreamModel">As the vendor knows it.</param>
internal sealed record LiteLlmTarget(LiteLlmProvider Provider, string UpstreamModel)
{
    /// <summary>A name that begins with a region, or is the ARN of one.</summary>
    public string? Region { get; init; }

    /// <summary>Called by the Responses API, whatever the client speaks.</summary>
    public bool Responses { get; init; }

    /// <summary>Why nothing here can call it, though its vendor is known.</summary>
    public string? Refusal { get; init; }
}

/// <summary>Takes the names of models apart that hold more than the model.</summary>
internal sealed partial class LiteLlmTargets(LiteLlmEnvironment environment)
{
    // Of Vertex AI's models those that other vendors made: they have wires of their own there.
    private static readonly string[] Partners = ["claude", "mistral", "codestral", "jamba", "llama", "deepseek", "qwen", "minimax", "kimi", "glm", "grok"];

    /// <param name="custom"><c>custom_llm_provider</c>, which wins over a prefix.</param>
    public LiteLlmTarget Of(string model, string? custom)
    {
        (LiteLlmProvider provider, string name) = LiteLlmProvider.Of(model, custom);
        return provider.Kind switch
        {
            ProviderKind.Bedrock => Bedrock(provider, name),
            ProviderKind.Vertex => Vertex(provider, name),
            ProviderKind.OpenAI or ProviderKind.AzureOpenAI => OpenAI(provider, name),
            _ => new LiteLlmTarget(provider, environment.Open(name)),
        };
    }

    // responses/… chooses the wire; o_series/… and gpt5_series/… tell LiteLLM of a deployment's model.
    private LiteLlmTarget OpenAI(LiteLlmProvider provider, string name)
    {
        int slash = name.IndexOf('/');
        return (slash < 0 ? "" : name[..slash]) switch
        {
            "responses" => new LiteLlmTarget(provider, name[(slash + 1)..]) { Responses = true },
            "o_series" or "gpt5_series" when provider.Kind == ProviderKind.AzureOpenAI => new LiteLlmTarget(provider, name[(slash + 1)..]),
            _ => new LiteLlmTarget(provider, environment.Open(name)),
        };
    }

    // converse/…, invoke/…, us-east-1/…, us-east-1/6-month-commitment/…, llama/arn:…: the model is an ARN, which has slashes itself, or the last part.
    private static LiteLlmTarget Bedrock(LiteLlmProvider provider, string name)
    {
        string? region = null;
        while (!name.StartsWith("arn:", StringComparison.Ordinal) && name.IndexOf('/') is > 0 and var slash)
        {
            string part = name[..slash];
            if (part.StartsWith("agent", StringComparison.Ordinal))
            {
                return new LiteLlmTarget(provider, name) { Refusal = "Bedrock's agents are not called here." };
            }
            region = Region().IsMatch(part) ? part : region;
            name = name[(slash + 1)..];
        }
        if (name.Split(':') is ["arn", _, _, { Length: > 0 } ofArn, ..])
        {
            region ??= ofArn;
        }
        return new LiteLlmTarget(provider, name) { Region = region };
    }

    private static LiteLlmTarget Vertex(LiteLlmProvider provider, string name)
    {
        string bare = name.StartsWith("gemini/", StringComparison.Ordinal) ? name["gemini/".Length..] : name;
        if (bare.Length > 0 && bare.All(char.IsAsciiDigit))
        {
            return new LiteLlmTarget(provider, "endpoints/" + bare);
        }
        return bare.Contains('/') || Partners.Any(p => bare.StartsWith(p, StringComparison.OrdinalIgnoreCase))
            ? new LiteLlmTarget(provider, name) { Refusal = "Of Vertex AI only Google's own models are called here, not those of other vendors; call them at their vendor or on Bedrock." }
            : new LiteLlmTarget(provider, bare);
    }

    [GeneratedRegex(@"^[a-z]{2}(-[a-z]+)+-\d$")]
    private static partial Regex Region();
}
