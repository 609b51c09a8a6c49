using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>An answer of the Responses wire that is kept for later turns, or where it is kept; written and read without EF Core.</summary>
[Index(nameof(ExpiresAt))]
internal sealed class StoredResponseRow
{
    /// <summary>SHA-256 of the key's id and the answer's: one key cannot find another's.</summary>
    [MaxLength(64)]
    public required string Id { get; set; }

    [MaxLength(64)]
    public required string KeyId { get; set; }

    [MaxLength(256)]
    public required string Model { get; set; }

    /// <summary>The provider that keeps it; null when <see cref="Body"/> does.</summary>
    [MaxLength(64)]
    public string? ProviderId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>The conversation and the answer, compressed, then encrypted.</summary>
    public byte[]? Body { get; set; }
}
