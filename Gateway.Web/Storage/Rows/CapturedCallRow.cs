using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>What was said in one call, kept because an operator asked for it, for a while.</summary>
[Index(nameof(ExpiresAt))]
internal sealed class CapturedCallRow
{
    /// <summary>The usage record's id in its plain form of 32 digits.</summary>
    [MaxLength(32)]
    public required string Id { get; set; }

    [MaxLength(64)]
    public required string KeyId { get; set; }
    public DateTimeOffset At { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>Request and answer, compressed, then encrypted.</summary>
    public required byte[] Body { get; set; }
}
