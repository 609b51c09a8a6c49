using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>Something small that the console keeps whole and finds by its name: a saved view, a rule, a target, a conversation.</summary>
[Index(nameof(Kind), nameof(Owner), nameof(Name), IsUnique = true)]
internal sealed class DocumentRow
{
    /// <summary>A version 7 UUID in its plain form of 32 digits: sorts by time.</summary>
    [MaxLength(32)]
    public required string Id { get; set; }

    /// <summary>What it is, for example <c>view</c>.</summary>
    [MaxLength(32)]
    public required string Kind { get; set; }

    /// <summary>The actor whose it is; empty is everybody's.</summary>
    [MaxLength(200)]
    public required string Owner { get; set; }

    [MaxLength(200)]
    public required string Name { get; set; }
    public required string BodyJson { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>An independent copy.</summary>
    public DocumentRow Copy() => (DocumentRow)MemberwiseClone();
}
