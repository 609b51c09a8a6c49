using System.Diagnostics.CodeAnalysis;

namespace Gateway.Core.Catalog.Kinds;

/// <summary>Where a provider without a base URL is, if its kind or profile says so.</summary>
public static class KindAddresses
{
    /// <summary>The base URL that a provider declares or has by default.</summary>
    /// <param name="url">With a trailing slash; null for <see cref="ProviderKind.Simulated"/>.</param>
    /// <param name="reason">What is wrong with it.</param>
    public static bool TryResolve(ProviderDefinition provider, out Uri? url, [NotNullWhen(false)] out string? reason)
    {
        url = null;
        reason = null;
        if (provider.Kind == ProviderKind.Simulated)
        {
            return true;
        }
        string? text = string.IsNullOrWhiteSpace(provider.BaseUrl) ? DefaultOf(provider.Kind, provider.Settings) : provider.BaseUrl;
        if (text is null)
        {
            reason = provider.Kind == ProviderKind.AzureOpenAI
                ? "A base URL is needed: the resource's endpoint, for example https://my-resource.openai.azure.com."
                : "A base URL is needed, for example https://api.example.com/v1.";
            return false;
        }
        string? prefix = Uri.TryCreate(text, UriKind.Absolute, out Uri? parsed) ? Quirks.Profiles.Of(provider.Kind, provider.Settings, parsed)?.Prefix : null;
        return UpstreamAddress.TryParse(text, provider.Kind, prefix, out url, out reason);
    }

    /// <summary>The vendor's own address; null where there is none, or a setting that is part of it is missing.</summary>
    public static string? DefaultOf(ProviderKind kind, IReadOnlyDictionary<string, string> settings) => kind switch
    {
        ProviderKind.OpenAI => "https://api.openai.com",
        ProviderKind.OpenAICompatible => settings.TryGetValue("profile", out string? name) ? Quirks.Profiles.Find(name)?.BaseUrl : null,
        ProviderKind.Anthropic => "https://api.anthropic.com",
        ProviderKind.Gemini => "https://generativelanguage.googleapis.com",
        ProviderKind.Cohere => "https://api.cohere.com",
        ProviderKind.Vertex when settings.TryGetValue("location", out string? location) && KindSettings.IsPlace(location) =>
            location == "global" ? "https://aiplatform.googleapis.com" : $"https://{location}-aiplatform.googleapis.com",
        ProviderKind.Bedrock when settings.TryGetValue("region", out string? region) && KindSettings.IsPlace(region) =>
            $"https://bedrock-runtime.{region}.{(region.StartsWith("cn-", StringComparison.Ordinal) ? "amazonaws.com.cn" : "amazonaws.com")}",
        // These two are told of the setting that is missing or wrong; any address keeps that the only complaint.
        ProviderKind.Vertex => "https://aiplatform.googleapis.com",
        ProviderKind.Bedrock => "https://bedrock-runtime.us-east-1.amazonaws.com",
        _ => null,
    };
}
