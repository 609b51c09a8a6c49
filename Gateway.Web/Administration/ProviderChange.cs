namespace Gateway.Web.Administration;

/// <summary>What to set of a provider, new or not. <see cref="Name"/> is needed for a new one.</summary>
internal sealed record ProviderChange
{
    public Optional<string?> Name { get; init; }

    /// <summary>A name of <c>ProviderKinds</c>; <c>openai-compatible</c> by default.</summary>
    public Optional<string?> Kind { get; init; }
    public Optional<string?> BaseUrl { get; init; }

    /// <summary>The whole pool; those with the id of an existing one change it, others are new. Left out keeps the pool.</summary>
    public Optional<IReadOnlyList<CredentialChange>?> Credentials { get; init; }

    /// <summary>All settings, timeouts included; see <see cref="ProviderSettings"/>.</summary>
    public Optional<IReadOnlyDictionary<string, string>?> Settings { get; init; }
    public Optional<bool?> Active { get; init; }

    /// <summary>True: none of its backends takes new calls; those that run may end.</summary>
    public Optional<bool?> Draining { get; init; }

    /// <summary>The <c>updated_at</c> of the provider that the change is made to: refused with 409 when somebody has changed it since. Left out changes it as it is.</summary>
    public Optional<DateTimeOffset?> IfUpdatedAt { get; init; }
}

/// <summary>What to set of a credential.</summary>
internal sealed record CredentialChange
{
    /// <summary>Of the existing credential that is meant; null makes a new one.</summary>
    public string? Id { get; init; }
    public Optional<string?> Label { get; init; }

    /// <summary>Left out keeps the one that is there. Written only; nothing ever shows it again.</summary>
    public Optional<string?> Secret { get; init; }
    public Optional<int?> RpmLimit { get; init; }
    public Optional<int?> TpmLimit { get; init; }

    /// <summary>Not printed: the secret must not reach a log by way of <c>ToString</c>.</summary>
    public override string ToString() => $"Credential {Label.Value}";
}
