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

    /// <summary>For a backup; the names of what cannot be decrypted are noted, and their secrets left out.</summary>
    public void Uncover(BackupContent content, List<string> lost)
    {
        foreach (ProviderRow provider in content.Catalog.Providers)
        {
            foreach (CredentialRow credential in provider.Credentials)
            {
                credential.EncryptedSecret = Uncover(credential.EncryptedSecret, $"credential \"{credential.Label}\" of provider \"{provider.Name}\"", lost);
            }
        }
        foreach (DocumentRow document in content.Documents)
        {
            Rewrite(document, text => Uncover(text, $"{document.Kind} \"{document.Name}\"", lost));
        }
    }

    /// <summary>For this database. A credential that is here with the same secret keeps the form that it has.</summary>
    public void Cover(BackupContent content, IReadOnlyList<ProviderRow> present)
    {
        Dictionary<string, string> here = present.SelectMany(p => p.Credentials).ToDictionary(c => c.Id, c => c.EncryptedSecret);
        foreach (CredentialRow credential in content.Catalog.Providers.SelectMany(p => p.Credentials))
        {
            credential.EncryptedSecret = here.TryGetValue(credential.Id, out string? kept) && secrets.TryUnprotect(kept) == credential.EncryptedSecret
                ? kept
                : secrets.Protect(credential.EncryptedSecret);
        }
        foreach (DocumentRow document in content.Documents)
        {
            Rewrite(document, secrets.Protect);
        }
    }

    private string Uncover(string covered, string what, List<string> lost)
    {
        if (secrets.TryUnprotect(covered) is { } plain)
        {
            return plain;
        }
        lost.Add(what);
        return "";
    }

    private static void Rewrite(DocumentRow document, Func<string, string> secret)
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
