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

    /// <summary>A route's name.</summary>
    [MaxLength(200)]
    public string? DefaultRoute { get; set; }
    public int? MaxOutputTokens { get; set; }

    [MaxLength(2000)]
    public string? Description { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public List<BackendRow> Backends { get; set; } = [];
}
