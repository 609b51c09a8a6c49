using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>How far a node's journal has been drained; written in the transaction that writes the records.</summary>
[PrimaryKey(nameof(Node), nameof(Segment))]
internal sealed class JournalPositionRow
{
    [MaxLength(64)]
    public required string Node { get; set; }

    /// <summary>The segment's file name.</summary>
    [MaxLength(100)]
    public required string Segment { get; set; }

    /// <summary>Bytes of the segment that are in the database.</summary>
    public long Offset { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}
