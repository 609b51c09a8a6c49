using System.ComponentModel.DataAnnotations;
using Gateway.Core.Catalog;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>An amount of money that something may cost in a period.</summary>
[Index(nameof(Name), IsUnique = true)]
internal sealed class BudgetRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(200)]
    public required string Name { get; set; }

    /// <summary>A name of <c>ScopeKinds</c>.</summary>
    [MaxLength(16)]
    public required string Scope { get; set; }

    /// <summary>The id of the key, team, model or provider, which may be declared in a file; empty for the gateway.</summary>
    [MaxLength(64)]
    public required string Of { get; set; }
    public NanoUsd Amount { get; set; }

    /// <summary>A name of <c>BudgetPeriods</c>.</summary>
    [MaxLength(16)]
    public required string Period { get; set; }

    /// <summary>An IANA name; null is UTC.</summary>
    [MaxLength(64)]
    public string? TimeZone { get; set; }
    public DateTimeOffset? StartsAt { get; set; }
    public DateTimeOffset? EndsAt { get; set; }
    public bool Hard { get; set; } = true;
    public NanoUsd Extra { get; set; }
    public DateTimeOffset? ExtraUntil { get; set; }
    public bool Active { get; set; } = true;
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "name", "scope", "of", "amount", "period", "time_zone", "starts_at", "ends_at", "hard", "extra", "extra_until", "active",
        "created_at", "updated_at",
    ];

    internal static BudgetRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        Name = r.Text(),
        Scope = r.Text(),
        Of = r.Text(),
        Amount = new NanoUsd(r.Long()),
        Period = r.Text(),
        TimeZone = r.TextOrNull(),
        StartsAt = r.TimeOrNull(),
        EndsAt = r.TimeOrNull(),
        Hard = r.Bool(),
        Extra = new NanoUsd(r.Long()),
        ExtraUntil = r.TimeOrNull(),
        Active = r.Bool(),
        CreatedAt = r.Time(),
        UpdatedAt = r.Time(),
    };
}
