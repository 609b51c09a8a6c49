using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>A key that the gateway issued, known only by its hash.</summary>
[Index(nameof(Hash), IsUnique = true)]
[Index(nameof(Name))]
internal sealed class ApiKeyRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    /// <summary>Unique among keys that are not revoked.</summary>
    [MaxLength(200)]
    public required string Name { get; set; }

    [MaxLength(32)]
    public required string Prefix { get; set; }

    /// <summary>SHA-256 of the key as 64 hexadecimal digits.</summary>
    [MaxLength(64)]
    public required string Hash { get; set; }
    public bool Active { get; set; } = true;
    public int? RpmLimit { get; set; }
    public int? TpmLimit { get; set; }
    public int? MaxParallel { get; set; }

    /// <summary>A team's id, which may be declared in a file.</summary>
    [MaxLength(64)]
    public string? Team { get; set; }

    [MaxLength(200)]
    public string? Owner { get; set; }

    /// <summary>A provider's name.</summary>
    [MaxLength(200)]
    public string? DefaultProvider { get; set; }

    /// <summary>Among requests that wait for a place, lower goes first.</summary>
    public int Priority { get; set; }

    /// <summary>The hash before the last rotation, good until <see cref="PreviousUntil"/>.</summary>
    [MaxLength(64)]
    public string? PreviousHash { get; set; }
    public DateTimeOffset? PreviousUntil { get; set; }

    /// <summary>How many calls have their content kept, until <see cref="CaptureUntil"/>; 0 keeps none.</summary>
    public int CaptureMost { get; set; }
    public DateTimeOffset? CaptureUntil { get; set; }

    /// <summary>A JSON array of names and patterns; empty allows all.</summary>
    public string AllowedModelsJson { get; set; } = "[]";

    /// <summary>A JSON array of names; null allows all.</summary>
    public string? AllowedEndpointsJson { get; set; }

    /// <summary>A JSON array of addresses and networks; null allows all.</summary>
    public string? AllowedNetworksJson { get; set; }

    /// <summary>A JSON array of words; null for none.</summary>
    public string? TagsJson { get; set; }
    public DateTimeOffset? ExpiresAt { get; set; }
    public bool AllowRouting { get; set; } = true;
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Set once and for ever; the row stays, because usage refers to it.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "name", "prefix", "hash", "active", "rpm_limit", "tpm_limit", "allowed_models_json", "expires_at", "allow_routing",
        "created_at", "updated_at", "max_parallel", "team", "owner", "default_provider", "priority",
        "previous_hash", "previous_until", "capture_most", "capture_until", "allowed_networks_json", "tags_json",
        "allowed_endpoints_json",
    ];

    internal static ApiKeyRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        Name = r.Text(),
        Prefix = r.Text(),
        Hash = r.Text(),
        Active = r.Bool(),
        RpmLimit = r.IntOrNull(),
        TpmLimit = r.IntOrNull(),
        AllowedModelsJson = r.Text(),
        ExpiresAt = r.TimeOrNull(),
        AllowRouting = r.Bool(),
        CreatedAt = r.Time(),
        UpdatedAt = r.Time(),
        MaxParallel = r.IntOrNull(),
        Team = r.TextOrNull(),
        Owner = r.TextOrNull(),
        DefaultProvider = r.TextOrNull(),
        Priority = r.Int(),
        PreviousHash = r.TextOrNull(),
        PreviousUntil = r.TimeOrNull(),
        CaptureMost = r.Int(),
        CaptureUntil = r.TimeOrNull(),
        AllowedNetworksJson = r.TextOrNull(),
        TagsJson = r.TextOrNull(),
        AllowedEndpointsJson = r.TextOrNull(),
    };
}
