using Gateway.Core.Catalog;
using Gateway.Web.Security;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration;

/// <summary>Writes a change into the row of a provider, noting what does not fit; encrypts secrets on the way.</summary>
internal sealed class ProviderRowChanges(SecretProtector secrets)
{
    public void Apply(ProviderRow row, CatalogEdit edit, ProviderChange change)
    {
        ProviderKind kind = ReadKind(row, edit, change);
        row.Kind = kind.ToName();
        row.BaseUrl = change.BaseUrl.HasValue ? edit.Limited("base_url", change.BaseUrl.Value, 2000) : row.BaseUrl;
        if (change.Settings.HasValue)
        {
            ApplySettings(row, edit, change.Settings.Value ?? new Dictionary<string, string>(), kind);
        }
        if (change.Credentials.HasValue)
        {
            ApplyCredentials(row, edit, edit.WithoutNulls("credentials", change.Credentials.Value));
        }
        row.Active = change.Active.Or(row.Active) ?? true;
        row.Draining = change.Draining.Or(row.Draining) ?? false;
        row.UpdatedAt = edit.Now;
    }

    private static ProviderKind ReadKind(ProviderRow row, CatalogEdit edit, ProviderChange change)
    {
        if (ProviderKinds.TryParse(change.Kind.Value ?? (change.Kind.HasValue ? ProviderKind.OpenAICompatible.ToName() : row.Kind), out ProviderKind kind))
        {
            return kind;
        }
        edit.Error("kind", $"A kind is one of {string.Join(", ", ProviderKinds.All)}.");
        return ProviderKind.OpenAICompatible;
    }

    private static void ApplySettings(ProviderRow row, CatalogEdit edit, IReadOnlyDictionary<string, string> settings, ProviderKind kind)
    {
        (Dictionary<string, string> others, TimeoutSettings timeouts) = ProviderSettings.Split(settings, kind, edit.Error);
        row.SettingsJson = AdministrationJson.Serialize(others);
        row.ConnectTimeoutMs = (long?)timeouts.Connect?.TotalMilliseconds;
        row.FirstByteTimeoutMs = (long?)timeouts.FirstByte?.TotalMilliseconds;
        row.IdleTimeoutMs = (long?)timeouts.Idle?.TotalMilliseconds;
        row.TotalTimeoutMs = (long?)timeouts.Total?.TotalMilliseconds;
    }

    private void ApplyCredentials(ProviderRow row, CatalogEdit edit, IReadOnlyList<CredentialChange> wanted)
    {
        row.Credentials.RemoveAll(c => wanted.All(w => w.Id != c.Id));
        for (int i = 0; i < wanted.Count; i++)
        {
            string path = $"credentials[{i}]";
            CredentialRow? credential = row.Credentials.Find(c => c.Id == wanted[i].Id);
            if (credential is null && wanted[i].Id is not null)
            {
                edit.Error($"{path}.id", $"This provider has no credential with the id \"{wanted[i].Id}\".");
                continue;
            }
            if (credential is null)
            {
                credential = new CredentialRow { Id = edit.NewId(), ProviderId = row.Id, Label = $"key-{i + 1}", EncryptedSecret = "", CreatedAt = edit.Now };
                row.Credentials.Add(credential);
                // Its id is set here and not by the database, which EF would otherwise take for a row that exists.
                edit.Database.Credentials.Add(credential);
            }
            Apply(credential, edit, wanted[i], path);
            credential.Position = i;
        }
    }

    private void Apply(CredentialRow row, CatalogEdit edit, CredentialChange change, string path)
    {
        row.Label = change.Label.HasValue ? edit.Limited($"{path}.label", change.Label.Value, 200) ?? row.Label : row.Label;
        if (!string.IsNullOrEmpty(change.Secret.Value))
        {
            row.EncryptedSecret = secrets.Protect(change.Secret.Value);
        }
        else if (row.EncryptedSecret.Length == 0)
        {
            edit.Error($"{path}.secret", "A new credential needs its secret.");
        }
        row.RpmLimit = change.RpmLimit.Or(row.RpmLimit);
        row.TpmLimit = change.TpmLimit.Or(row.TpmLimit);
        if (row.RpmLimit < 1 || row.TpmLimit < 1)
        {
            edit.Error(path, "A credential's limits are at least 1, or null for none.");
        }
    }
}
