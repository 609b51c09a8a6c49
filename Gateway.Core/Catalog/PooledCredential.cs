namespace Gateway.Core.Catalog;

/// <summary>A provider's credential as requests see it: immutable, but for its <see cref="State"/>.</summary>
/// <param name="State">Survives catalog changes while the secret stays the same.</param>
public sealed record PooledCredential(CredentialDefinition Definition, CredentialState State)
{
    /// <summary>Requests or tokens a minute are limited, so that calls are counted.</summary>
    public bool IsLimited => Definition.RpmLimit is not null || Definition.TpmLimit is not null;
}
