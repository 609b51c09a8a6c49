using System.Text.Json.Serialization;
using Gateway.Core.Catalog;
using Gateway.Core.Catalog.Kinds;
using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Providers;

/// <summary>A provider while it is being edited.</summary>
internal sealed class ProviderForm
{
    private static readonly Setting[] Timeouts =
    [
        new("connect_timeout_ms", "Connect timeout, ms", "Empty takes the gateway's.", false),
        new("first_byte_timeout_ms", "First-byte timeout, ms", "Until the first byte of an answer.", false),
        new("idle_timeout_ms", "Idle timeout, ms", "Longest silence within an answer.", false),
        new("timeout_ms", "Total timeout, ms", "The whole call.", false),
    ];

    /// <summary>The kinds that can be called, the commonest first.</summary>
    public static IReadOnlyList<ProviderKind> Kinds { get; } =
    [
        ProviderKind.OpenAICompatible, ProviderKind.OpenAI, ProviderKind.AzureOpenAI, ProviderKind.Anthropic, ProviderKind.Gemini,
        ProviderKind.Vertex, ProviderKind.Bedrock, ProviderKind.Cohere, ProviderKind.Simulated,
    ];

    public string Name { get; set; } = "";
    public string Kind { get; set; } = ProviderKind.OpenAICompatible.ToName();
    public string BaseUrl { get; set; } = "";
    public bool Active { get; set; } = true;
    public List<CredentialForm> Credentials { get; } = [];
    public Dictionary<string, string> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    [JsonIgnore]
    public bool IsSimulated => Kind == ProviderKind.Simulated.ToName();

    /// <summary>The settings of the chosen kind, then the timeouts of every kind.</summary>
    [JsonIgnore]
    public IEnumerable<Setting> Settings => ProviderKinds.TryParse(Kind, out ProviderKind kind)
        ? KindSettings.For(kind).Select(s => new Setting(s.Name, s.Label, s.Hint, s.Required)).Concat(Timeouts)
        : Timeouts;

    /// <summary>Settings that a provider of this kind cannot do without.</summary>
    [JsonIgnore]
    public bool HasRequired => Settings.Any(s => s.Required);

    /// <summary>Where it is when no base URL is given; null if one must be.</summary>
    [JsonIgnore]
    public string? DefaultUrl => ProviderKinds.TryParse(Kind, out ProviderKind kind) ? KindAddresses.DefaultOf(kind, Values) : null;

    public static ProviderForm From(ProviderView? provider)
    {
        var form = new ProviderForm();
        if (provider is null)
        {
            form.Credentials.Add(new CredentialForm { Label = CredentialForm.FirstLabel });
            return form;
        }
        (form.Name, form.Kind, form.BaseUrl, form.Active) = (provider.Name, provider.Kind, provider.BaseUrl ?? "", provider.Active);
        form.Credentials.AddRange(provider.Credentials.Select(c => new CredentialForm { Id = c.Id, Label = c.Label, Rpm = c.RpmLimit, Tpm = c.TpmLimit }));
        foreach ((string name, string value) in provider.Settings)
        {
            form.Values[name] = value;
        }
        return form;
    }

    public ProviderChange ToChange() => new()
    {
        Name = Name.Trim(),
        Kind = Kind,
        BaseUrl = IsSimulated || string.IsNullOrWhiteSpace(BaseUrl) ? null : BaseUrl.Trim(),
        Active = Active,
        Settings = new(Settings.Where(s => !string.IsNullOrWhiteSpace(Value(s.Name))).ToDictionary(s => s.Name, s => Value(s.Name).Trim())),
        Credentials = new([.. Credentials.Where(c => c.Id is not null || c.Secret.Length > 0).Select(c => c.ToChange())]),
    };

    /// <summary>What is different from the provider as it was loaded. Credentials and settings are whole, and so must not have been changed by others.</summary>
    public static ProviderChange Changes(ProviderChange change, ProviderView loaded)
    {
        change = change.Since(From(loaded).ToChange());
        return change.Credentials.HasValue || change.Settings.HasValue ? change with { IfUpdatedAt = loaded.UpdatedAt } : change;
    }

    /// <summary>New credentials of which something was entered, but no secret.</summary>
    public IReadOnlyList<CatalogError> Missing() =>
    [
        .. Credentials.Where(c => c.IsHalf && !IsSimulated)
            .Select(c => new CatalogError("credentials", $"The credential {(c.Label.Trim().Length > 0 ? $"“{c.Label.Trim()}”" : Credentials.IndexOf(c) + 1)} has no secret: enter it, or remove the row.")),
    ];

    public string Value(string name) => Values.GetValueOrDefault(name, "");

    public sealed record Setting(string Name, string Label, string Hint, bool Required);
}

/// <summary>A credential while it is being edited. The secret goes one way.</summary>
internal sealed class CredentialForm
{
    /// <summary>What a new provider's first one is called.</summary>
    public const string FirstLabel = "default";

    public string? Id { get; init; }
    public string Label { get; set; } = "";

    [JsonIgnore]
    public string Secret { get; set; } = "";

    /// <summary>Requests a minute; null is no limit.</summary>
    public int? Rpm { get; set; }

    /// <summary>Tokens a minute; null is no limit.</summary>
    public int? Tpm { get; set; }

    /// <summary>A new one with something in it other than its usual label, but without a secret.</summary>
    [JsonIgnore]
    public bool IsHalf => Id is null && Secret.Length == 0 && ((Label.Trim().Length > 0 && Label != FirstLabel) || Rpm is not null || Tpm is not null);

    public CredentialChange ToChange() => new()
    {
        Id = Id,
        Label = Label.Trim(),
        Secret = Secret.Length > 0 ? new Optional<string?>(Secret.Trim()) : default,
        RpmLimit = Rpm,
        TpmLimit = Tpm,
    };
}
