using System.Text.Json.Nodes;
using Gateway.Web.Security;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration.Backups;

/// <summary>
/// Secrets between a database, where this gateway's key ring protects them, and a backup, which another gateway must be able to
/// read: in the clear there, since the whole of it is encrypted.
/// </summary>
internal sealed class BackupSecrets(SecretProtector secrets)
{
    // What documents keep protected: AlertChannel.
    private const string Mark = "protected_";

    /// <summary>For a backup. What cannot be decrypted is left out, and named in <see cref="BackupContent.Lost"/>.</summary>
    public void Uncover(BackupContent content)
    {
        foreach (ProviderRow provider in content.Catalog.Providers)
        {
            foreach (CredentialRow credential in provider.Credentials.ToList())
            {
                if (secrets.TryUnprotect(credential.EncryptedSecret) is { } secret)
                {
                    credential.EncryptedSecret = secret;
                }
                else
                {
                    provider.Credentials.Remove(credential);
                    content.Lost.Add($"credential \"{credential.Label}\" of provider \"{provider.Name}\"");
                }
            }
        }
        foreach (DocumentRow document in content.Documents.Where(d => !Uncover(d)))
        {
            content.Lost.Add($"{document.Kind} \"{document.Name}\"");
        }
    }

    /// <summary>False when something of it cannot be decrypted: it is left out.</summary>
    public bool Uncover(DocumentRow document)
    {
        bool whole = true;
        Rewrite(document, covered =>
        {
            string? plain = secrets.TryUnprotect(covered);
            whole &= plain is not null;
            return plain;
        });
        return whole;
    }

    /// <summary>For this database.</summary>
    public void Cover(DocumentRow document) => Rewrite(document, secrets.Protect);

    /// <summary>For this database. A credential that is here with the same secret keeps the form that it has.</summary>
    public void Cover(IReadOnlyList<ProviderRow> providers, IReadOnlyList<ProviderRow> present)
    {
        Dictionary<string, string> here = present.SelectMany(p => p.Credentials).ToDictionary(c => c.Id, c => c.EncryptedSecret);
        foreach (CredentialRow credential in providers.SelectMany(p => p.Credentials))
        {
            credential.EncryptedSecret = here.TryGetValue(credential.Id, out string? kept) && secrets.TryUnprotect(kept) == credential.EncryptedSecret
                ? kept
                : secrets.Protect(credential.EncryptedSecret);
        }
    }

    private static void Rewrite(DocumentRow document, Func<string, string?> secret)
    {
        if (document.BodyJson.Contains(Mark, StringComparison.Ordinal) && JsonNode.Parse(document.BodyJson) is JsonObject body)
        {
            foreach ((string name, JsonNode? value) in body.Where(m => m.Key.StartsWith(Mark, StringComparison.Ordinal)).ToList())
            {
                if (value is JsonValue text && text.TryGetValue(out string? covered) && covered.Length > 0)
                {
                    body[name] = secret(covered);
                }
            }
            document.BodyJson = body.ToJsonString(AdministrationJson.Options);
        }
    }
}
