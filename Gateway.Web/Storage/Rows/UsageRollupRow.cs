using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>Length of the time span that a rollup row sums up.</summary>
internal enum RollupResolution : byte
{
    Minute,
    Hour,
    Day,
}

/// <summary>
/// The sums of one span of time for one combination of dimensions. Each node writes rows of its own, so that nodes never
/// wait for each other; readers add them up. Text dimensions are empty rather than null, so that the unique index holds.
/// </summary>
[Index(nameof(Resolution), nameof(BucketStartMs), nameof(Node), nameof(KeyId), nameof(Model), nameof(Provider), nameof(BackendId), IsUnique = true)]
internal sealed class UsageRollupRow
{
    public long Id { get; set; }
    public RollupResolution Resolution { get; set; }

    /// <summary>First instant of the span in Unix milliseconds, UTC.</summary>
    public long BucketStartMs { get; set; }

    [MaxLength(64)]
    public string Node { get; set; } = "";

    [MaxLength(64)]
    public string KeyId { get; set; } = "";

    [MaxLength(200)]
    public string Model { get; set; } = "";

    [MaxLength(200)]
    public string Provider { get; set; } = "";

    [MaxLength(256)]
    public string BackendId { get; set; } = "";
    public long Requests { get; set; }

    /// <summary>Refused before an upstream was called.</summary>
    public long Refused { get; set; }

    /// <summary>Admitted and failed.</summary>
    public long Errors { get; set; }
    public long Streamed { get; set; }
    public long InputTokens { get; set; }
    public long CachedInputTokens { get; set; }
    public long OutputTokens { get; set; }
    public long ReasoningTokens { get; set; }

    /// <summary>Sum of the costs that are known.</summary>
    public long CostNanoUsd { get; set; }

    /// <summary>Calls with usage whose cost is unknown.</summary>
    public long CostUnknown { get; set; }
    public long DurationUsSum { get; set; }
    public long UpstreamUsSum { get; set; }
    public long TimeToFirstTokenUsSum { get; set; }
    public long TimeToFirstTokenCount { get; set; }

    /// <summary>A mergeable latency histogram; null when empty.</summary>
    public byte[]? DurationHistogram { get; set; }

    /// <summary>A mergeable latency histogram; null when empty.</summary>
    public byte[]? TimeToFirstTokenHistogram { get; set; }
}
