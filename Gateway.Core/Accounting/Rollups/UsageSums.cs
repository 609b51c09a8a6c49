using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>What any number of calls add up to. Not safe for concurrent use.</summary>
public sealed class UsageSums
{
    private static readonly string ClientClosed = GatewayErrorKind.ClientClosed.ToName();

    /// <summary>Admitted calls, failed ones among them.</summary>
    public long Requests { get; set; }

    /// <summary>Calls refused before an upstream was called; not among <see cref="Requests"/>, and in no other figure here.</summary>
    public long Refused { get; set; }

    /// <summary>Admitted and failed; a client that left while it was being answered is none.</summary>
    public long Errors { get; set; }
    public long Streamed { get; set; }
    public long InputTokens { get; set; }
    public long CachedInputTokens { get; set; }
    public long OutputTokens { get; set; }
    public long ReasoningTokens { get; set; }

    /// <summary>Sum of the known costs.</summary>
    public NanoUsd Cost { get; set; }

    /// <summary>Admitted calls whose cost is unknown.</summary>
    public long UnknownCost { get; set; }

    /// <summary>Microseconds.</summary>
    public long DurationSumUs { get; set; }

    /// <summary>Microseconds.</summary>
    public long UpstreamSumUs { get; set; }

    /// <summary>Microseconds, over as many calls as <see cref="TimeToFirstToken"/> counts.</summary>
    public long TimeToFirstTokenSumUs { get; set; }

    /// <summary>Of admitted calls, failed ones too.</summary>
    public LatencyHistogram Duration { get; init; } = new();

    /// <summary>Of calls that had any content.</summary>
    public LatencyHistogram TimeToFirstToken { get; init; } = new();

    public long Succeeded => Requests - Errors;

    public long TotalTokens => InputTokens + OutputTokens;

    public void Add(UsageRecord record)
    {
        if (!record.Admitted)
        {
            Refused++;
            return;
        }
        Requests++;
        Errors += record.ErrorKind is null || WasStopped(record) ? 0 : 1;
        Streamed += record.Streamed ? 1 : 0;
        InputTokens += record.Usage.InputTokens;
        CachedInputTokens += record.Usage.CachedInputTokens;
        OutputTokens += record.Usage.OutputTokens;
        ReasoningTokens += record.Usage.ReasoningTokens;
        if (record.Cost is { } cost)
        {
            Cost += cost;
        }
        else
        {
            UnknownCost++;
        }
        DurationSumUs += record.DurationUs;
        UpstreamSumUs += record.UpstreamUs;
        Duration.Add(record.DurationUs);
        if (record.TimeToFirstTokenUs is { } first)
        {
            TimeToFirstTokenSumUs += first;
            TimeToFirstToken.Add(first);
        }
    }

    public void Add(UsageSums other)
    {
        AddPlain(other);
        Duration.Add(other.Duration);
        TimeToFirstToken.Add(other.TimeToFirstToken);
    }

    /// <summary>Adds sums whose histograms are still as <see cref="LatencyHistogram.ToBytes"/> wrote them.</summary>
    /// <param name="other">Its own histograms are not looked at.</param>
    public void Add(UsageSums other, ReadOnlySpan<byte> duration, ReadOnlySpan<byte> timeToFirstToken)
    {
        AddPlain(other);
        Duration.Add(duration);
        TimeToFirstToken.Add(timeToFirstToken);
    }

    // Whoever leaves an answer that is being given has read enough. Whoever leaves before it has waited too long.
    private static bool WasStopped(UsageRecord record) => record.ErrorKind == ClientClosed && record.TimeToFirstTokenUs is not null;

    private void AddPlain(UsageSums other)
    {
        Requests += other.Requests;
        Refused += other.Refused;
        Errors += other.Errors;
        Streamed += other.Streamed;
        InputTokens += other.InputTokens;
        CachedInputTokens += other.CachedInputTokens;
        OutputTokens += other.OutputTokens;
        ReasoningTokens += other.ReasoningTokens;
        Cost += other.Cost;
        UnknownCost += other.UnknownCost;
        DurationSumUs += other.DurationSumUs;
        UpstreamSumUs += other.UpstreamSumUs;
        TimeToFirstTokenSumUs += other.TimeToFirstTokenSumUs;
    }
}
