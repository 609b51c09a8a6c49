using System.ComponentModel.DataAnnotations;

namespace Gateway.Web.Storage.Rows;

/// <summary>One target of a model.</summary>
internal sealed class BackendRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(64)]
    public required string ModelId { get; set; }

    /// <summary>A provider's name, not its id: the provider may be declared in a file and have no row.</summary>
    [MaxLength(200)]
    public string? Provider { get; set; }

    [MaxLength(2000)]
    public string? Url { get; set; }

    [MaxLength(200)]
    public string? UpstreamModel { get; set; }
    public int Weight { get; set; } = 1;
    public int Priority { get; set; }
    public bool Active { get; set; } = true;
    public bool Draining { get; set; }
    public int? MaxConcurrency { get; set; }

    /// <summary>Order within the model.</summary>
    public int Position { get; set; }

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "model_id", "provider", "url", "upstream_model", "weight", "priority", "active", "draining", "max_concurrency", "position",
    ];

    internal static BackendRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        ModelId = r.Text(),
        Provider = r.TextOrNull(),
        Url = r.TextOrNull(),
        UpstreamModel = r.TextOrNull(),
        Weight = r.Int(),
        Priority = r.Int(),
        Active = r.Bool(),
        Draining = r.Bool(),
        MaxConcurrency = r.IntOrNull(),
        Position = r.Int(),
    };
}
