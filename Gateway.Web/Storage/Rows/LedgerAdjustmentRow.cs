using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>A correction of what a call cost, after a price was corrected: the books are added to, never rewritten silently.</summary>
[Index(nameof(RecordId))]
[Index(nameof(At), nameof(Id))]
internal sealed class LedgerAdjustmentRow
{
    /// <summary>A version 7 UUID in its plain form of 32 digits: sorts by time.</summary>
    [MaxLength(32)]
    public required string Id { get; set; }

    /// <summary>All corrections of one re-pricing share it.</summary>
    [MaxLength(32)]
    public required string Batch { get; set; }

    /// <summary>The usage record's id.</summary>
    [MaxLength(32)]
    public required string RecordId { get; set; }
    public DateTimeOffset At { get; set; }

    [MaxLength(200)]
    public required string Actor { get; set; }

    /// <summary>Null was unknown.</summary>
    public long? CostBeforeNanoUsd { get; set; }
    public long? CostAfterNanoUsd { get; set; }

    [MaxLength(256)]
    public string? PriceVersionBefore { get; set; }

    [MaxLength(256)]
    public string? PriceVersionAfter { get; set; }
}
