using Gateway.Web.Administration.SignIn;

namespace Gateway.Web.Configuration;

/// <summary>How people sign in to the console. Holds from the start.</summary>
internal sealed record SignInSettings
{
    public const string Section = "Gateway:SignIn";

    private const string Entra = "entra";

    // The audit log tells people of providers from these by the name before the colon.
    private static readonly string[] Reserved = ["console", "local", "system", "admin-key"];

    private static readonly string[] ProviderSettings =
        ["Authority", "ClientId", "ClientSecret", "Scopes", "DisplayName", "CallbackPath", "SignedOutCallbackPath", "UserInfo", "TrustEmail", "GroupsClaim"];

    private static readonly string[] RuleSettings = ["Provider", "Claim", "Value", "Role", "Teams"];

    /// <summary>Whether the local administrator may sign in.</summary>
    public bool Local { get; init; } = true;

    /// <summary>Null: from the request, which is right where no proxy stands between.</summary>
    public string? PublicUrl { get; init; }

    public IReadOnlyList<SignInProvider> Providers { get; init; } = [];

    /// <summary>Declared rules: read-only, and before all others.</summary>
    public IReadOnlyList<SignInRule> Rules { get; init; } = [];

    /// <summary>Null where nothing declares it, and then the console sets it.</summary>
    public string? DefaultRole { get; init; }

    public SignInProvider? Find(string? name) => Providers.FirstOrDefault(p => p.Name == name);

    /// <exception cref="GatewayConfigurationException">Something is wrong; the message lists everything.</exception>
    public static SignInSettings Read(IConfiguration configuration, GatewaySettings settings)
    {
        var errors = new List<string>();
        IConfigurationSection section = configuration.GetSection(Section);
        List<SignInProvider> providers = [.. section.GetSection("Providers").GetChildren().Select(p => ReadProvider(p, errors)).OfType<SignInProvider>()];
        if (ReadEntra(configuration.GetSection("AzureAd"), errors) is { } entra)
        {
            providers.Add(entra);
        }
        foreach (IGrouping<string, SignInProvider> shared in providers.GroupBy(p => p.CallbackPath, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            errors.Add($"{string.Join(" and ", shared.Select(p => p.Name))} share the CallbackPath {shared.Key}; each provider needs one of its own.");
        }
        if (!settings.LocalSignIn && providers.Count == 0 && errors.Count == 0)
        {
            errors.Add($"{Section}:Local is false, and there is no provider to sign in with: nobody could open the console. Configure one under {Section}:Providers or AzureAd, or leave Local on.");
        }
        string? publicUrl = section["PublicUrl"] is { Length: > 0 } url ? url.TrimEnd('/') : null;
        if (publicUrl is not null && !(Uri.TryCreate(publicUrl, UriKind.Absolute, out Uri? parsed) && parsed.Scheme is "http" or "https" && parsed.PathAndQuery == "/"))
        {
            errors.Add($"{Section}:PublicUrl must be the console's address as browsers see it, such as https://gateway.example.com, without a path.");
        }
        IReadOnlyList<SignInRule> rules = ReadRules(section.GetSection("Rules"), errors);
        foreach (string provider in rules.Select(r => r.Provider).OfType<string>().Where(n => providers.All(p => p.Name != n)).Distinct())
        {
            errors.Add($"{Section}:Rules names the provider \"{provider}\", which is not configured.");
        }
        return errors.Count > 0 ? throw new GatewayConfigurationException(errors) : new SignInSettings
        {
            Local = settings.LocalSignIn,
            PublicUrl = publicUrl,
            Providers = providers,
            Rules = rules,
            DefaultRole = settings.DefaultSignInRole,
        };
    }

    private static SignInProvider? ReadProvider(IConfigurationSection section, List<string> errors)
    {
        string name = section.Key;
        int before = errors.Count;
        if (name.Length > 40 || name == Entra || Reserved.Contains(name) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            errors.Add($"{section.Path}: a provider's name has letters, digits, - and _, and is none of {Entra}, {string.Join(", ", Reserved)}.");
        }
        foreach (IConfigurationSection unknown in section.GetChildren().Where(c => !ProviderSettings.Contains(c.Key, StringComparer.OrdinalIgnoreCase)))
        {
            errors.Add($"{unknown.Path}: there is no such setting. There are: {string.Join(", ", ProviderSettings)}.");
        }
        CheckAuthority(section.Path + ":Authority", section["Authority"], errors);
        if (string.IsNullOrWhiteSpace(section["ClientId"]))
        {
            errors.Add($"{section.Path}:ClientId is missing; the provider gives it when this console is registered there.");
        }
        string callback = Path(section, "CallbackPath", "/signin-oidc/" + name, errors);
        string signedOut = Path(section, "SignedOutCallbackPath", "/signout-callback-oidc/" + name, errors);
        bool userInfo = Flag(section, "UserInfo", errors);
        bool trustsEmail = Flag(section, "TrustEmail", errors);
        return errors.Count > before ? null : new SignInProvider(name)
        {
            DisplayName = section["DisplayName"] is { Length: > 0 } shown ? shown : name,
            Authority = section["Authority"]!.TrimEnd('/'),
            ClientId = section["ClientId"]!,
            ClientSecret = section["ClientSecret"] is { Length: > 0 } secret ? secret : null,
            Scopes = Texts(section.GetSection("Scopes"), ' ') is { Length: > 0 } scopes ? [.. scopes.Where(s => s != "openid")] : ["profile", "email"],
            CallbackPath = callback,
            SignedOutCallbackPath = signedOut,
            UserInfo = userInfo,
            TrustsEmail = trustsEmail,
            GroupsClaim = section["GroupsClaim"] is { Length: > 0 } groups ? groups : "groups",
        };
    }

    /// <summary>The section as Microsoft's documentation has it; whatever else it holds is that package's.</summary>
    private static SignInProvider? ReadEntra(IConfigurationSection section, List<string> errors)
    {
        // Templates leave the section there with placeholders or nothing in it.
        if (string.IsNullOrWhiteSpace(section["ClientId"]))
        {
            return null;
        }
        int before = errors.Count;
        string instance = section["Instance"] is { Length: > 0 } given ? given.TrimEnd('/') : "https://login.microsoftonline.com";
        string? tenant = section["TenantId"] is { Length: > 0 } id ? id : null;
        if (tenant is null && string.IsNullOrEmpty(section["Authority"]))
        {
            errors.Add("AzureAd:TenantId is missing: the directory's id or domain, or organizations for every one's.");
        }
        string authority = section["Authority"] is { Length: > 0 } whole ? whole.TrimEnd('/') : $"{instance}/{tenant}/v2.0";
        CheckAuthority("AzureAd:Instance", authority, errors);
        IConfigurationSection[] credentials = [.. section.GetSection("ClientCredentials").GetChildren()];
        string? secret = section["ClientSecret"] is { Length: > 0 } own ? own
            : credentials.FirstOrDefault(c => c["SourceType"] == "ClientSecret")?["ClientSecret"];
        if (string.IsNullOrEmpty(secret))
        {
            errors.Add(credentials.Length == 0
                ? "AzureAd:ClientSecret is missing; make one under Certificates & secrets of the app registration."
                : "AzureAd:ClientCredentials holds no entry with SourceType ClientSecret; certificates and managed identities are not supported for signing in.");
        }
        string callback = Path(section, "CallbackPath", "/signin-oidc", errors);
        string signedOut = Path(section, "SignedOutCallbackPath", "/signout-callback-oidc", errors);
        bool manyTenants = tenant is "common" or "organizations" or "consumers";
        return errors.Count > before ? null : new SignInProvider(Entra)
        {
            DisplayName = "Microsoft",
            Authority = authority,
            ClientId = section["ClientId"]!,
            ClientSecret = secret,
            CallbackPath = callback,
            SignedOutCallbackPath = signedOut,
            // A directory's own administrators set its addresses; those of other directories could say anything.
            TrustsEmail = !manyTenants && tenant is not null,
            IsEntra = true,
        };
    }

    private static List<SignInRule> ReadRules(IConfigurationSection section, List<string> errors)
    {
        var rules = new List<SignInRule>();
        foreach (IConfigurationSection entry in section.GetChildren())
        {
            foreach (IConfigurationSection unknown in entry.GetChildren().Where(c => !RuleSettings.Contains(c.Key, StringComparer.OrdinalIgnoreCase)))
            {
                errors.Add($"{unknown.Path}: there is no such setting. There are: {string.Join(", ", RuleSettings)}.");
            }
            var rule = new SignInRule
            {
                Provider = entry["Provider"] is { Length: > 0 } provider ? provider : null,
                Claim = entry["Claim"] ?? "",
                Value = entry["Value"] ?? "",
                Role = entry["Role"] ?? "",
                Teams = Texts(entry.GetSection("Teams"), ','),
            };
            errors.AddRange(rule.Errors(entry.Path, ":").Select(e => $"{e.Path}: {e.Message}"));
            rules.Add(rule);
        }
        return rules;
    }

    private static void CheckAuthority(string setting, string? authority, List<string> errors)
    {
        if (!Uri.TryCreate(authority, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0 || url.UserInfo.Length > 0)
        {
            errors.Add($"{setting} must be the provider's address, such as https://id.example.com/realms/main.");
        }
        else if (url.Scheme == "http" && !url.IsLoopback)
        {
            errors.Add($"{setting} must be https; plain http is for a provider on this machine.");
        }
    }

    private static string Path(IConfigurationSection section, string key, string byDefault, List<string> errors)
    {
        string path = section[key] is { Length: > 0 } given ? given : byDefault;
        if (path[0] != '/')
        {
            errors.Add($"{section.Path}:{key} must start with a slash.");
        }
        return path;
    }

    private static bool Flag(IConfigurationSection section, string key, List<string> errors)
    {
        string text = section[key] ?? "";
        if (text.Length > 0 && !bool.TryParse(text, out _))
        {
            errors.Add($"{section.Path}:{key} must be true or false.");
        }
        return bool.TryParse(text, out bool value) && value;
    }

    private static string[] Texts(IConfigurationSection section, char separator) => section.Value is { Length: > 0 } joined
        ? joined.Split([separator, ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [.. section.GetChildren().Select(c => c.Value).OfType<string>()];
}
