using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>A group of keys.</summary>
[Index(nameof(Name), IsUnique = true)]
internal sealed class TeamRow
{
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(200)]
    public required string Name { get; set; }
    public bool Active { get; set; } = true;

    /// <summary>A JSON array of names and patterns; empty allows all.</summary>
    public string AllowedModelsJson { get; set; } = "[]";

    /// <summary>A JSON array of strings.</summary>
    public string OwnersJson { get; set; } = "[]";

    [MaxLength(2000)]
    public string? Description { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>What <see cref="Read"/> reads, in its order.</summary>
    internal static readonly string[] Columns =
    [
        "id", "name", "active", "allowed_models_json", "owners_json", "description", "created_at", "updated_at",
    ];

    internal static TeamRow Read(RowReader r) => new()
    {
        Id = r.Text(),
        Name = r.Text(),
        Active = r.Bool(),
        AllowedModelsJson = r.Text(),
        OwnersJson = r.Text(),
        Description = r.TextOrNull(),
        CreatedAt = r.Time(),
        UpdatedAt = r.Time(),
    };
}
