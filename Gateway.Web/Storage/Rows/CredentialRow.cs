using System.ComponentModel.DataAnnotations;

namespace Gateway.Web.Storage.Rows;

/// <summary>A secret sent upstream, encrypted.</summary>
internal sealed class CredentialRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(64)]
    public required string ProviderId { get; set; }

    [MaxLength(200)]
    public required string Label { get; set; }

    /// <summary>Protected by the key ring; see <c>Security/SecretProtector</c>.</summary>
    public required string EncryptedSecret { get; set; }
    public int? RpmLimit { get; set; }
    public int? TpmLimit { get; set; }

    /// <summary>Order within the provider's pool.</summary>
    public int Position { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "provider_id", "label", "encrypted_secret", "rpm_limit", "tpm_limit", "position", "created_at",
    ];

    internal static CredentialRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        ProviderId = r.Text(),
        Label = r.Text(),
        EncryptedSecret = r.Text(),
        RpmLimit = r.IntOrNull(),
        TpmLimit = r.IntOrNull(),
        Position = r.Int(),
        CreatedAt = r.Time(),
    };
}
