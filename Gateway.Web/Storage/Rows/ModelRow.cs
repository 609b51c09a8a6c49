using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>A public model name and what it carries.</summary>
[Index(nameof(Name), IsUnique = true)]
internal sealed class ModelRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(200)]
    public required string Name { get; set; }

    [MaxLength(200)]
    public string? ModelId { get; set; }

    /// <summary>A JSON array of strings.</summary>
    public string AliasesJson { get; set; } = "[]";
    public bool Active { get; set; } = true;

    /// <summary>A JSON object; null for none.</summary>
    public string? DefaultParamsJson { get; set; }
    public bool? ReasoningEnabled { get; set; }
    public string? SystemPromptPrefix { get; set; }

    /// <summary>A name of <c>LossPolicies</c>; null is the default.</summary>
    [MaxLength(16)]
    public string? OnLoss { get; set; }

    /// <summary>A route's name.</summary>
    [MaxLength(200)]
    public string? DefaultRoute { get; set; }
    public int? MaxOutputTokens { get; set; }

    /// <summary>A name of <c>RoutingPolicies</c>; null is the default.</summary>
    [MaxLength(32)]
    public string? RoutingPolicy { get; set; }
    public int? MaxConcurrency { get; set; }

    [MaxLength(2000)]
    public string? Description { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public List<BackendRow> Backends { get; set; } = [];

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "name", "model_id", "aliases_json", "active", "default_params_json", "reasoning_enabled", "system_prompt_prefix",
        "on_loss", "default_route", "max_output_tokens", "routing_policy", "max_concurrency",
        "description", "created_at", "updated_at",
    ];

    internal static ModelRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        Name = r.Text(),
        ModelId = r.TextOrNull(),
        AliasesJson = r.Text(),
        Active = r.Bool(),
        DefaultParamsJson = r.TextOrNull(),
        ReasoningEnabled = r.BoolOrNull(),
        SystemPromptPrefix = r.TextOrNull(),
        OnLoss = r.TextOrNull(),
        DefaultRoute = r.TextOrNull(),
        MaxOutputTokens = r.IntOrNull(),
        RoutingPolicy = r.TextOrNull(),
        MaxConcurrency = r.IntOrNull(),
        Description = r.TextOrNull(),
        CreatedAt = r.Time(),
        UpdatedAt = r.Time(),
    };
}
