using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>A named chain of steps.</summary>
[Index(nameof(Name), IsUnique = true)]
internal sealed class RouteRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(200)]
    public required string Name { get; set; }

    /// <summary>A JSON array of steps, in the admin API's shape.</summary>
    public required string StepsJson { get; set; }

    /// <summary>A JSON array of names; null is all.</summary>
    public string? RetryOnJson { get; set; }

    /// <summary>A name of <c>RoutingPolicies</c>; null leaves it to the models.</summary>
    [MaxLength(32)]
    public string? RoutingPolicy { get; set; }

    /// <summary>After this many milliseconds without content another backend is asked beside the first; null never.</summary>
    public int? HedgeAfterMs { get; set; }

    /// <summary>A stream that breaks is gone on with elsewhere.</summary>
    public bool RecoverStreams { get; set; }
    public bool Active { get; set; } = true;

    [MaxLength(2000)]
    public string? Description { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "name", "steps_json", "retry_on_json", "routing_policy", "active", "description", "created_at", "updated_at",
        "hedge_after_ms", "recover_streams",
    ];

    internal static RouteRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        Name = r.Text(),
        StepsJson = r.Text(),
        RetryOnJson = r.TextOrNull(),
        RoutingPolicy = r.TextOrNull(),
        Active = r.Bool(),
        Description = r.TextOrNull(),
        CreatedAt = r.Time(),
        UpdatedAt = r.Time(),
        HedgeAfterMs = r.IntOrNull(),
        RecoverStreams = r.Bool(),
    };
}
