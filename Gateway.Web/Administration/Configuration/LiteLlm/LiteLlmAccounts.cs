using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>The accounts that deployments are called with: each becomes a provider with its credential.</summary>
internal sealed class LiteLlmAccounts(LiteLlmReport report, LiteLlmSettings settings)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public JsonArray Providers { get; } = [];

    /// <summary>The address of a deployment, where it is written down.</summary>
    public static string? Address(JsonObject p) =>
        (Text(p["api_base"]) ?? Text(p["base_url"])) is { } text && !IsVariable(text) ? text : null;

    private static bool IsVariable(string text) => text.StartsWith("os.environ/", StringComparison.Ordinal);

    /// <summary>The name of the provider that a deployment's account becomes; deployments of one account share it.</summary>
    public string ProviderOf(string at, string model, JsonObject p, JsonObject deployment, string path, LiteLlmProvider known, string? address)
    {
        // An address of one's own is not OpenAI's, whatever it is called.
        ProviderKind kind = known.Kind == ProviderKind.OpenAI && address is not null && !address.Contains("api.openai.com", StringComparison.OrdinalIgnoreCase)
            ? ProviderKind.OpenAICompatible
            : known.Kind ?? ProviderKind.OpenAICompatible;
        var own = new JsonObject();
        foreach (string member in new[] { "api_base", "base_url" })
        {
            if (Text(p[member]) is { } given)
            {
                if (IsVariable(given))
                {
                    report.Approximated($"{at}.{member}", $"An address from a variable is not known here; {(address is null && known.BaseUrl is null && known.Profile is null && kind == ProviderKind.OpenAICompatible ? "enter it as the provider's base_url" : "the vendor's own is taken")}.");
                }
                else
                {
                    report.Mapped($"{at}.{member}", "base_url of the provider.");
                }
            }
        }
        if (known.Profile is not null)
        {
            own["profile"] = known.Profile;
        }
        Setting(own, p, at, "api_version", kind == ProviderKind.AzureOpenAI ? "api_version" : null);
        Setting(own, p, at, "organization", kind == ProviderKind.OpenAI ? "organization" : null);
        Setting(own, p, at, "tenant_id", kind == ProviderKind.AzureOpenAI ? "tenant_id" : null);
        Setting(own, p, at, "client_id", kind == ProviderKind.AzureOpenAI ? "client_id" : null);
        Setting(own, p, at, "vertex_project", kind == ProviderKind.Vertex ? "project" : null);
        Setting(own, p, at, "vertex_location", kind == ProviderKind.Vertex ? "location" : null);
        Setting(own, p, at, "aws_region_name", kind == ProviderKind.Bedrock ? "region" : null);
        Setting(own, p, at, "aws_access_key_id", kind == ProviderKind.Bedrock ? "access_key_id" : null);
        Time(own, p, at, "timeout", "timeout_ms", "The provider's timeout for a whole attempt.");
        Time(own, p, at, "stream_timeout", "first_byte_timeout_ms", "The provider's timeout for the first content, of streams and of other answers.", approximated: true);
        settings.Timeouts(own);
        string? variable = Credential(at, p, known, kind);
        JsonObject? credential = variable is null ? null : new JsonObject { ["label"] = "default", ["secret"] = SecretPlaceholders.Text(variable) };
        bool limited = false;
        foreach ((string member, string ours) in new[] { ("rpm", "rpm_limit"), ("tpm", "tpm_limit") })
        {
            foreach ((string place, JsonNode? given) in new[] { ($"{at}.{member}", p[member]), ($"{path}.{member}", deployment[member]) })
            {
                if (Whole(given) is { } limit && credential is not null)
                {
                    credential[ours] = limit;
                    limited = true;
                    report.Mapped(place, $"{ours} of the provider's credential; it also gives the backend its weight.");
                }
                else if (given is not null && credential is null)
                {
                    report.Unsupported(place, "A limit stands with a credential here, and this deployment has none: set one for the provider on the Budgets & limits page.");
                }
            }
        }
        string? url = address ?? known.BaseUrl;
        // A deployment with limits has an account of its own, so that others do not use them up.
        string identity = $"{kind}|{url}|{variable}|{own.ToJsonString()}|{(limited ? model + path : "")}";
        if (_names.TryGetValue(identity, out string? name))
        {
            return name;
        }
        string wanted = limited ? $"{known.Prefix}-{model}" : known.Prefix;
        name = wanted;
        for (int i = 2; _names.ContainsValue(name); i++)
        {
            name = $"{wanted}-{i}";
        }
        _names[identity] = name;
        var provider = new JsonObject { ["name"] = name, ["kind"] = kind.ToName() };
        if (url is not null)
        {
            provider["base_url"] = url;
        }
        if (credential is not null)
        {
            provider["credentials"] = new JsonArray(credential);
        }
        if (own.Count > 0)
        {
            provider["settings"] = own;
        }
        Providers.Add(provider);
        return name;
    }

    /// <summary>The variable of the deployment's secret; null when it has none.</summary>
    private string? Credential(string at, JsonObject p, LiteLlmProvider known, ProviderKind kind)
    {
        foreach (string member in new[] { "api_key", "aws_secret_access_key", "client_secret", "azure_ad_token", "vertex_credentials" })
        {
            if (Text(p[member]) is not { } given)
            {
                continue;
            }
            bool fits = member switch
            {
                "aws_secret_access_key" => kind == ProviderKind.Bedrock,
                "client_secret" => kind == ProviderKind.AzureOpenAI,
                "vertex_credentials" => kind == ProviderKind.Vertex,
                "azure_ad_token" => false,
                _ => true,
            };
            if (!fits)
            {
                report.Unsupported($"{at}.{member}", "A provider of this kind has no such credential here (docs/providers.md).");
                continue;
            }
            string name = SecretPlaceholders.VariableOf(IsVariable(given) ? given["os.environ/".Length..] : $"{known.Prefix}_{Fingerprint(given)}_key");
            if (IsVariable(given))
            {
                report.Mapped($"{at}.{member}", $"Secret of the provider's credential: give {name} when the draft is applied.");
            }
            else
            {
                report.Approximated($"{at}.{member}", $"A secret that stands in the file is not taken over: give it as {name} when the draft is applied.");
            }
            return name;
        }
        // Without one LiteLLM takes the vendor's usual variable.
        string? usual = known.Prefix switch
        {
            "openai" or "text-completion-openai" => "OPENAI_API_KEY",
            "anthropic" => "ANTHROPIC_API_KEY",
            "azure" => "AZURE_API_KEY",
            "gemini" => "GEMINI_API_KEY",
            "cohere" or "cohere_chat" => "COHERE_API_KEY",
            "ollama" or "ollama_chat" or "vllm" or "hosted_vllm" or "lm_studio" => null,
            "vertex_ai" or "vertex_ai_beta" => null,
            "bedrock" => "AWS_SECRET_ACCESS_KEY",
            _ => $"{SecretPlaceholders.VariableOf(known.Prefix)}_API_KEY",
        };
        return usual;
    }

    // Tells two written secrets apart without telling anything of them.
    private static string Fingerprint(string secret) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes("litellm import " + secret)))[..4];

    private void Setting(JsonObject own, JsonObject p, string at, string member, string? ours)
    {
        if (Text(p[member]) is not { } given)
        {
            return;
        }
        if (ours is null)
        {
            report.Unsupported($"{at}.{member}", "A provider of this kind has no such setting here (docs/providers.md).");
        }
        else if (IsVariable(given))
        {
            report.Approximated($"{at}.{member}", $"A value from a variable is not known here: enter it as the provider's setting {ours}.");
        }
        else
        {
            own[ours] = given;
            report.Mapped($"{at}.{member}", $"The provider's setting {ours}.");
        }
    }

    private void Time(JsonObject own, JsonObject p, string at, string member, string ours, string note, bool approximated = false)
    {
        if (p[member] is null)
        {
            return;
        }
        if (Number(p[member]) is { } seconds && seconds > 0 && seconds <= 86_400)
        {
            own[ours] = LiteLlmSettings.Milliseconds(seconds);
            if (approximated)
            {
                report.Approximated($"{at}.{member}", note);
            }
            else
            {
                report.Mapped($"{at}.{member}", note);
            }
        }
        else
        {
            report.Unsupported($"{at}.{member}", "It is not a number of seconds up to a day.");
        }
    }
}
