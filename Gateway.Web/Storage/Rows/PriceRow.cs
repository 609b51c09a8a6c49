using System.ComponentModel.DataAnnotations;
using Gateway.Core.Catalog;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>A price that an operator set, for each million tokens; null parts are unknown.</summary>
[Index(nameof(Model))]
internal sealed class PriceRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(200)]
    public required string Model { get; set; }

    [MaxLength(200)]
    public string? Provider { get; set; }
    public DateTimeOffset EffectiveFrom { get; set; }
    public NanoUsd? InputPerMillion { get; set; }
    public NanoUsd? CachedInputPerMillion { get; set; }
    public NanoUsd? CacheWritePerMillion { get; set; }
    public NanoUsd? OutputPerMillion { get; set; }

    [MaxLength(2000)]
    public string? SourceUrl { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "model", "provider", "effective_from", "input_per_million", "cached_input_per_million", "cache_write_per_million",
        "output_per_million", "source_url", "created_at", "updated_at",
    ];

    internal static PriceRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        Model = r.Text(),
        Provider = r.TextOrNull(),
        EffectiveFrom = r.Time(),
        InputPerMillion = r.MoneyOrNull(),
        CachedInputPerMillion = r.MoneyOrNull(),
        CacheWritePerMillion = r.MoneyOrNull(),
        OutputPerMillion = r.MoneyOrNull(),
        SourceUrl = r.TextOrNull(),
        CreatedAt = r.Time(),
        UpdatedAt = r.Time(),
    };
}
