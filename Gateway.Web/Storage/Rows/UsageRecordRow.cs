using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage.Rows;

/// <summary>One finished call; see <see cref="Core.Accounting.UsageRecord"/> for what the fields mean.</summary>
[Index(nameof(StartedAtMs), nameof(Id))]
[Index(nameof(KeyId), nameof(StartedAtMs))]
[Index(nameof(Model), nameof(StartedAtMs))]
[Index(nameof(Status), nameof(StartedAtMs))]
[Index(nameof(RequestId))]
internal sealed class UsageRecordRow
{
    /// <summary>The record's id in its plain form of 32 digits, which sorts alike in every database.</summary>
    [MaxLength(32)]
    public required string Id { get; set; }

    [MaxLength(200)]
    public required string RequestId { get; set; }

    [MaxLength(64)]
    public string? TraceId { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long StartedAtMs { get; set; }

    /// <summary>A name of <c>Operations</c>.</summary>
    [MaxLength(32)]
    public required string Operation { get; set; }

    [MaxLength(16)]
    public required string Method { get; set; }

    [MaxLength(256)]
    public required string Path { get; set; }

    [MaxLength(64)]
    public string? KeyId { get; set; }

    [MaxLength(32)]
    public string? KeyPrefix { get; set; }

    [MaxLength(200)]
    public string? KeyName { get; set; }

    [MaxLength(256)]
    public string? RequestedModel { get; set; }

    [MaxLength(200)]
    public string? Model { get; set; }

    [MaxLength(200)]
    public string? Route { get; set; }

    [MaxLength(200)]
    public string? Provider { get; set; }

    [MaxLength(256)]
    public string? BackendId { get; set; }

    [MaxLength(256)]
    public string? UpstreamModel { get; set; }
    public int Status { get; set; }
    public bool Streamed { get; set; }
    public bool ClientAborted { get; set; }
    public bool Admitted { get; set; }

    [MaxLength(64)]
    public string? ErrorKind { get; set; }

    [MaxLength(500)]
    public string? ErrorMessage { get; set; }

    [MaxLength(64)]
    public string? FinishReason { get; set; }

    /// <summary>A value of <see cref="Core.Accounting.UsageSource"/>.</summary>
    public byte UsageSource { get; set; }
    public long InputTokens { get; set; }
    public long CachedInputTokens { get; set; }
    public long CacheWriteTokens { get; set; }

    /// <summary>Those of them that are kept for an hour.</summary>
    public long LongCacheWriteTokens { get; set; }
    public long OutputTokens { get; set; }
    public long ReasoningTokens { get; set; }

    /// <summary>Held when the call was admitted; 0 where nothing limited it.</summary>
    public long ReservedTokens { get; set; }

    /// <summary>Held when the call was admitted; 0 where no budget asked.</summary>
    public long ReservedNanoUsd { get; set; }

    /// <summary>Null is unknown.</summary>
    public long? CostNanoUsd { get; set; }

    [MaxLength(256)]
    public string? PriceVersion { get; set; }
    public long DurationUs { get; set; }
    public long? TimeToFirstTokenUs { get; set; }
    public long UpstreamUs { get; set; }
    public long RequestBytes { get; set; }
    public long ResponseBytes { get; set; }

    /// <summary>A JSON object: what the upstream bills by besides tokens; null if it reported nothing of the sort.</summary>
    [MaxLength(128)]
    public string? UnitsJson { get; set; }

    /// <summary>What translation lost; null if nothing was.</summary>
    [MaxLength(500)]
    public string? Lost { get; set; }

    [MaxLength(64)]
    public string? InputHash { get; set; }

    /// <summary>A JSON object; null if none was sent.</summary>
    public string? MetadataJson { get; set; }

    /// <summary>A JSON array of attempts.</summary>
    public string AttemptsJson { get; set; } = "[]";
    public int AttemptCount { get; set; }

    /// <summary>A JSON object: when each stage was over, and what was considered; null where none was noted.</summary>
    public string? TraceJson { get; set; }
}
