using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Web.Administration;

namespace Gateway.Web.Configuration;

/// <summary>What single settings declare: the providers of the short environment names, and tokens that an operator chose.</summary>
internal static class EnvironmentCatalog
{
    /// <summary>Name of the provider that <c>OMNI_OPENAI_API_KEY</c> makes.</summary>
    public const string OpenAI = "openai";

    /// <summary>Name of the provider that <c>UPSTREAM_BASE_URL</c> makes.</summary>
    public const string DefaultUpstream = "upstream";

    private const string DefaultPath = "/chat/completions";

    /// <summary>Adds to what the file declares; a provider that the file names itself is left as it is.</summary>
    public static CatalogDefinition AddTo(CatalogDefinition file, SettingsReader settings, byte[] tokenSecret)
    {
        List<ProviderDefinition> providers = [.. file.Providers];
        if (settings.Text("Gateway:Upstreams:OpenAI:ApiKey") is { } apiKey && providers.All(p => p.Name != OpenAI))
        {
            providers.Add(Provider(OpenAI, ProviderKind.OpenAI, settings.Text("Gateway:Upstreams:OpenAI:BaseUrl")!, apiKey, []));
        }
        if (settings.Text("Gateway:Upstreams:Default:BaseUrl") is { } baseUrl && providers.All(p => p.Name != DefaultUpstream))
        {
            providers.Add(Provider(
                DefaultUpstream,
                ProviderKind.OpenAICompatible,
                baseUrl,
                settings.Text("Gateway:Upstreams:Default:ApiKey"),
                PathSettings(baseUrl, settings.Text("Gateway:Upstreams:Default:Path")!)));
        }
        return file with
        {
            Providers = providers,
            Keys = [.. file.Keys, .. Tokens(settings.List("Gateway:Auth:Tokens"), tokenSecret)],
        };
    }

    private static ProviderDefinition Provider(string name, ProviderKind kind, string baseUrl, string? secret, Dictionary<string, string> settings) => new()
    {
        Id = FileCatalog.Id("provider", name),
        Name = name,
        Kind = kind,
        BaseUrl = baseUrl,
        Credentials = secret is null ? [] : [new CredentialDefinition { Id = FileCatalog.Id("credential", name), Label = "environment", Secret = secret }],
        Settings = settings,
        Source = EntrySource.File,
    };

    private static Dictionary<string, string> PathSettings(string baseUrl, string path)
    {
        // UPSTREAM_BASE_URL and UPSTREAM_PATH are simply put together; a base URL without a path otherwise gets "/v1".
        bool bare = Uri.TryCreate(baseUrl, UriKind.Absolute, out Uri? url) && url.AbsolutePath == "/";
        if (!bare && path == DefaultPath)
        {
            return [];
        }
        return new Dictionary<string, string> { ["chat_path"] = (bare ? "../" : "") + path.TrimStart('/') };
    }

    private static IEnumerable<ApiKeyDefinition> Tokens(IReadOnlyList<string> tokens, byte[] secret) =>
        tokens.Distinct(StringComparer.Ordinal).Select((token, i) => new ApiKeyDefinition
        {
            Id = FileCatalog.Id("token", (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Name = $"token-{i + 1}",
            Prefix = NewKey.PrefixOf(token),
            Hash = KeyHash.OfKey(token).Under(secret),
            OperatorChosen = true,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Source = EntrySource.File,
        });
}
