using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>The provider that a deployment is called at.</summary>
/// <param name="Aside">What LiteLLM takes from its environment and is still to be given here, in words; null when there is nothing.</param>
internal sealed record LiteLlmAccount(string Provider, string? Aside);

/// <summary>The accounts that deployments are called with: each becomes a provider with its credential.</summary>
internal sealed class LiteLlmAccounts(LiteLlmReport report, LiteLlmSettings settings, LiteLlmEnvironment environment)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _byPrefix = new(StringComparer.Ordinal);

    public JsonArray Providers { get; } = [];

    /// <summary>The providers that deployments of a LiteLLM prefix became.</summary>
    public IReadOnlyList<string> Of(string prefix) => _byPrefix.GetValueOrDefault(prefix) ?? [];

    /// <summary>The provider that a deployment's account becomes; deployments of one account share it.</summary>
    /// <param name="at">The path of <paramref name="p"/>.</param>
    /// <param name="path">The path of <paramref name="deployment"/>.</param>
    public LiteLlmAccount Account(string at, string model, JsonObject p, JsonObject deployment, string path, LiteLlmTarget target)
    {
        LiteLlmProvider known = target.Provider;
        LiteLlmAddress address = LiteLlmAddress.Of(p, target, environment);
        ProviderKind kind = address.Kind;
        var asides = new List<string>();
        Tell(at, address, asides);
        var own = new JsonObject();
        if (known.Profile is not null && kind == ProviderKind.OpenAICompatible)
        {
            own["profile"] = known.Profile;
        }
        bool choosesWire = kind is ProviderKind.OpenAI or ProviderKind.OpenAICompatible or ProviderKind.AzureOpenAI;
        if (choosesWire && (target.Responses || Text((deployment["model_info"] as JsonObject)?["mode"]) == "responses"))
        {
            own["wires"] = "responses";
            report.Mapped($"{path}.model_info.mode", "The provider's setting wires.");
        }
        new LiteLlmAccountSettings(report, environment, p, at, own).Read(kind, target, address, asides);
        settings.Timeouts(own);
        string? variable = new LiteLlmCredential(report, at, p, own, asides).Read(known, kind);
        JsonObject? credential = variable is null ? null : new JsonObject { ["label"] = "default", ["secret"] = SecretPlaceholders.Text(variable) };
        bool limited = Limits(at, p, deployment, path, credential);
        // A deployment with limits has an account of its own, so that others do not use them up.
        string identity = $"{kind}|{address.Url}|{variable}|{own.ToJsonString()}|{(limited ? model + path : "")}";
        string? aside = asides.Count == 0 ? null : string.Join(' ', asides);
        if (_names.TryGetValue(identity, out string? name))
        {
            return new LiteLlmAccount(name, aside);
        }
        string prefix = known.Prefix.Length == 0 ? "openai" : known.Prefix;
        string wanted = limited ? $"{prefix}-{model}" : prefix;
        name = wanted;
        for (int i = 2; _names.ContainsValue(name); i++)
        {
            name = $"{wanted}-{i}";
        }
        _names[identity] = name;
        (_byPrefix.TryGetValue(prefix, out List<string>? all) ? all : _byPrefix[prefix] = []).Add(name);
        var provider = new JsonObject { ["name"] = name, ["kind"] = kind.ToName() };
        if (address.Url is not null)
        {
            provider["base_url"] = address.Url;
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
        return new LiteLlmAccount(name, aside);
    }

    private void Tell(string at, LiteLlmAddress address, List<string> asides)
    {
        bool open = address.Url is not null && LiteLlmEnvironment.IsOpen(address.Url);
        if (address.Member is not { } member)
        {
            if (open)
            {
                asides.Add($"LiteLLM takes its address from its environment: write it where the draft has {address.Url}.");
            }
        }
        else if (open)
        {
            report.Approximated($"{at}.{member}", $"An address from a variable is not known here: write it where the draft has {address.Url}, as base_url of the provider.");
        }
        else if (address.Change is { } change)
        {
            report.Approximated($"{at}.{member}", $"base_url of the provider, {change}.");
        }
        else
        {
            report.Mapped($"{at}.{member}", "base_url of the provider.");
        }
    }

    private bool Limits(string at, JsonObject p, JsonObject deployment, string path, JsonObject? credential)
    {
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
        return limited;
    }
}
