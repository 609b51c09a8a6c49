using System.Collections.Frozen;
using Gateway.Core.Catalog.Kinds;
using Gateway.Core.Health;

namespace Gateway.Core.Catalog;

/// <summary>Providers: those that are registered, and the servers that backends name by their address alone.</summary>
internal sealed partial class CatalogBuilder
{
    private static readonly Dictionary<string, string> NoSettings = [];
    private static readonly Dictionary<string, string> OwnServer = new(StringComparer.OrdinalIgnoreCase) { ["profile"] = "vllm" };

    private readonly Dictionary<string, Provider> _providers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Provider> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Provider> _previousProviders = previous.AllProviders.ToDictionary(p => p.Id);

    private void AddProvider(ProviderDefinition p)
    {
        string path = $"providers[{p.Name}]";
        if (!KindAddresses.TryResolve(p, out Uri? baseUrl, out string? reason))
        {
            Error($"{path}.base_url", reason);
        }
        KindSettings.Check(p.Kind, p.Settings, (name, message) => Error($"{path}.settings.{name}", message));
        CheckTimeouts($"{path}.timeouts", p.Timeouts);
        foreach (CredentialDefinition credential in p.Credentials)
        {
            if (KindSecrets.Problem(p, credential.Secret) is { } problem)
            {
                Error($"{path}.credentials[{credential.Label}]", problem);
            }
        }
        _providers[p.Name] = NewProvider(p, baseUrl);
    }

    private Provider NewProvider(ProviderDefinition p, Uri? baseUrl, HealthCheckSettings? check = null)
    {
        string version = $"{p.Kind}|{baseUrl}|{p.Timeouts}|{string.Join('|', p.Settings.Where(s => !KindSettings.IsCommon(s.Key)).OrderBy(s => s.Key, StringComparer.Ordinal))}";
        _previousProviders.TryGetValue(p.Id, out Provider? old);
        return new Provider
        {
            Id = p.Id,
            Name = p.Name,
            Kind = p.Kind,
            BaseUrl = baseUrl,
            Credentials = p.Credentials,
            Pool = [.. p.Credentials.Select(c => new PooledCredential(c, StateOf(c, old)))],
            Profile = Quirks.Profiles.Of(p.Kind, p.Settings, baseUrl),
            Settings = p.Settings.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase),
            Timeouts = p.Timeouts,
            Active = p.Active,
            Limits = _scopes.GetValueOrDefault((Limits.ScopeKind.Provider, p.Id)),
            Draining = p.Draining,
            MaxConcurrency = KindSettings.WholeNumber(p.Settings, KindSettings.MaxConcurrency) ?? 0,
            HealthCheck = check ?? HealthCheckSettings.Of(p.Settings),
            WarmupWait = TimeSpan.FromMilliseconds(KindSettings.WholeNumber(p.Settings, KindSettings.WarmupWait) ?? 0),
            State = old?.State ?? new ProviderState(),
            ClientVersion = version,
        };
    }

    // One for all backends at the same address. Named so that a log tells two servers of a host apart.
    private Provider AddressOf(Uri url, string text)
    {
        string path = url.AbsolutePath.TrimEnd('/');
        string name = path is "" or "/v1" ? url.Authority : url.Authority + path;
        if (!_addresses.TryGetValue(name, out Provider? provider) || provider.BaseUrl != url)
        {
            // Http and https at one host and port: the second goes by its whole address.
            name = provider is null ? name : url.ToString();
            // A server of one's own, most of all a vLLM: what is public is reached by https, and known by its host where it differs.
            bool own = url.Scheme == Uri.UriSchemeHttp && Quirks.Profiles.Of(ProviderKind.OpenAICompatible, NoSettings, url) is null;
            provider = _addresses.GetValueOrDefault(name) ?? NewProvider(
                new ProviderDefinition { Id = "url:" + url, Name = name, BaseUrl = text, Settings = own ? OwnServer : NoSettings }, url, HealthCheckSettings.OfAddress);
            _addresses[name] = provider;
        }
        return provider;
    }

    // Another secret is another account: what was held against the old one is not held against it.
    private static CredentialState StateOf(CredentialDefinition credential, Provider? old) =>
        old is not null && Array.Find(old.Pool, c => c.Definition.Id == credential.Id && c.Definition.Secret == credential.Secret) is { } same
            ? same.State
            : new CredentialState();
}
