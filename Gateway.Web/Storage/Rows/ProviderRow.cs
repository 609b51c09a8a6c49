using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>A named upstream account.</summary>
[Index(nameof(Name), IsUnique = true)]
internal sealed class ProviderRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(200)]
    public required string Name { get; set; }

    /// <summary>A name of <c>ProviderKinds</c>.</summary>
    [MaxLength(32)]
    public required string Kind { get; set; }

    [MaxLength(2000)]
    public string? BaseUrl { get; set; }

    /// <summary>A JSON object of strings.</summary>
    public string SettingsJson { get; set; } = "{}";
    public long? ConnectTimeoutMs { get; set; }
    public long? FirstByteTimeoutMs { get; set; }
    public long? IdleTimeoutMs { get; set; }
    public long? TotalTimeoutMs { get; set; }
    public bool Active { get; set; } = true;
    public bool Draining { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public List<CredentialRow> Credentials { get; set; } = [];

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "name", "kind", "base_url", "settings_json", "connect_timeout_ms", "first_byte_timeout_ms", "idle_timeout_ms",
        "total_timeout_ms", "active", "draining", "created_at", "updated_at",
    ];

    internal static ProviderRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        Name = r.Text(),
        Kind = r.Text(),
        BaseUrl = r.TextOrNull(),
        SettingsJson = r.Text(),
        ConnectTimeoutMs = r.LongOrNull(),
        FirstByteTimeoutMs = r.LongOrNull(),
        IdleTimeoutMs = r.LongOrNull(),
        TotalTimeoutMs = r.LongOrNull(),
        Active = r.Bool(),
        Draining = r.Bool(),
        CreatedAt = r.Time(),
        UpdatedAt = r.Time(),
    };
}
