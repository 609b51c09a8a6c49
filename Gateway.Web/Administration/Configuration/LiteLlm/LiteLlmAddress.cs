using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Where a deployment is called, in the form that a provider's base URL has.</summary>
/// <param name="Kind">What is spoken there.</param>
/// <param name="Url">Null takes the vendor's own; <c>${NAME}</c> is still to be written down.</param>
internal sealed partial record LiteLlmAddress(ProviderKind Kind, string? Url)
{
    private static readonly string[] Members = ["api_base", "base_url", "aws_bedrock_runtime_endpoint"];

    /// <summary>What was changed for it, in words; null when nothing was.</summary>
    public string? Change { get; private init; }

    /// <summary>The version of Azure's API that stood in the address.</summary>
    public string? ApiVersion { get; private init; }

    /// <summary>The member that says it; null where LiteLLM takes it from its environment or from the vendor.</summary>
    public string? Member { get; private init; }

    public static LiteLlmAddress Of(JsonObject p, LiteLlmTarget target, LiteLlmEnvironment environment)
    {
        LiteLlmProvider known = target.Provider;
        string? member = Array.Find(Members, m => Text(p[m]) is not null && (m != "aws_bedrock_runtime_endpoint" || known.Kind == ProviderKind.Bedrock));
        string? given = member is null ? null : Text(p[member]);
        string? url = given is null ? null : environment.Open(given);
        ProviderKind kind = KindOf(target, url);
        if (url is null)
        {
            bool needed = kind == ProviderKind.AzureOpenAI || known.Prefix == "azure_ai"
                || (kind == ProviderKind.OpenAICompatible && known.BaseUrl is null && known.Profile is null or "vllm");
            return new LiteLlmAddress(kind, needed ? environment.Value($"{SecretPlaceholders.VariableOf(known.Prefix)}_API_BASE") : known.BaseUrl);
        }
        if (LiteLlmEnvironment.IsOpen(url))
        {
            return new LiteLlmAddress(kind, url) { Member = member };
        }
        string bare = UserInfo().Replace(url, "//");
        string version = ApiVersionQuery().Match(bare).Groups["version"].Value;
        bare = bare.Split('?', '#')[0];
        string kept = Rewritten(bare, kind, known.Prefix);
        return new LiteLlmAddress(kind, kept == bare && bare == url ? url : kept)
        {
            Member = member,
            ApiVersion = version.Length == 0 ? null : version,
            Change = kept != url ? "written as this gateway needs it"
                : kind == ProviderKind.OpenAICompatible && known.Profile != "ollama" && HasNoPath(url) ? "which gets /v1 where it has no path; LiteLLM adds nothing" : null,
        };
    }

    private static ProviderKind KindOf(LiteLlmTarget target, string? url) => target.Provider switch
    {
        // An address of one's own is not OpenAI's, whatever it is called.
        { Kind: ProviderKind.OpenAI } when url is not null && !url.Contains("api.openai.com", StringComparison.OrdinalIgnoreCase) => ProviderKind.OpenAICompatible,
        { Prefix: "azure_ai" } when target.UpstreamModel.StartsWith("claude", StringComparison.OrdinalIgnoreCase) => ProviderKind.Anthropic,
        { Prefix: "azure_ai" } when url is not null && url.Contains(".services.ai.azure.com", StringComparison.OrdinalIgnoreCase) => ProviderKind.AzureOpenAI,
        { Kind: { } kind } => kind,
        _ => ProviderKind.OpenAICompatible,
    };

    private static string Rewritten(string url, ProviderKind kind, string prefix)
    {
        string bare = url.TrimEnd('/');
        switch (kind)
        {
            // LiteLLM puts /v1/messages behind whatever it is given; a base URL with a path is used as it stands here.
            case ProviderKind.Anthropic:
                bare = Without(bare, "/v1/messages");
                return HasNoPath(bare) ? Same(url, bare) : bare.EndsWith("/v1", StringComparison.Ordinal) ? Same(url, bare) : bare + "/v1";
            case ProviderKind.AzureOpenAI when prefix == "azure_ai":
                return Uri.TryCreate(bare, UriKind.Absolute, out Uri? resource) ? resource.GetLeftPart(UriPartial.Authority) + "/openai/v1" : url;
            case ProviderKind.AzureOpenAI:
                int deployments = bare.IndexOf("/deployments/", StringComparison.OrdinalIgnoreCase);
                return deployments < 0 ? url : bare[..deployments];
            case ProviderKind.OpenAICompatible or ProviderKind.OpenAI:
                return Same(url, Without(Without(bare, "/chat/completions"), "/embeddings"));
            default:
                return url;
        }
    }

    private static string Without(string text, string end) => text.EndsWith(end, StringComparison.OrdinalIgnoreCase) ? text[..^end.Length] : text;

    // A slash at the end is nobody's change.
    private static string Same(string url, string bare) => url.TrimEnd('/') == bare ? url : bare;

    private static bool HasNoPath(string url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.AbsolutePath == "/";

    [GeneratedRegex(@"(?<=^https?:)//[^/@]*@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"[?&]api-version=(?<version>[A-Za-z0-9.\-]+)")]
    private static partial Regex ApiVersionQuery();
}
