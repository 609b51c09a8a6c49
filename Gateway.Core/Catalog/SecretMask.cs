namespace Gateway.Core.Catalog;

/// <summary>Takes providers' secrets out of what upstreams say: some repeat the key, or the whole header, in their errors.</summary>
public static class SecretMask
{
    public const string Mask = "[secret]";

    // Shorter ones would be found in words; no provider issues such.
    private const int ShortestSecret = 8;

    /// <summary>The text without the secret of any provider that <paramref name="snapshot"/> knows.</summary>
    public static string? Apply(CatalogSnapshot snapshot, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return text;
        }
        foreach (Provider provider in snapshot.Providers.Values)
        {
            foreach (CredentialDefinition credential in provider.Credentials)
            {
                text = Apply(credential, text);
            }
        }
        return text;
    }

    /// <summary>The text without this secret.</summary>
    public static string Apply(CredentialDefinition? credential, string text) =>
        credential is { Secret.Length: >= ShortestSecret } ? text.Replace(credential.Secret, Mask, StringComparison.Ordinal) : text;
}
