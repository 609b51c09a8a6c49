using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Failover;

namespace Gateway.Core.Live;

/// <summary>
/// The calls that this process is serving now, those that <see cref="InFlightTable"/> has a slot for. Noting one is a write to
/// an array; looking at them costs whoever looks. Safe for concurrent use.
/// </summary>
public sealed class RunningCalls
{
    private readonly Call?[] _calls = new Call?[InFlightTable.Slots + 1];

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => !Array.Exists(_calls, c => c is { Settled: false });

    /// <summary>How many there are, and how many of them asked for a stream.</summary>
    public (int Calls, int Streams) Count()
    {
        (int calls, int streams) = (0, 0);
        foreach (Call? call in _calls)
        {
            if (call is { Settled: false })
            {
                calls++;
                streams += call.Record.Streamed ? 1 : 0;
            }
        }
        return (calls, streams);
    }

    /// <summary>All of them, the oldest first.</summary>
    public IReadOnlyList<RunningCall> List()
    {
        var running = new List<RunningCall>();
        foreach (Call? call in _calls)
        {
            if (call is { Settled: false })
            {
                running.Add(ViewOf(call));
            }
        }
        running.Sort((a, b) => a.StartedAt.CompareTo(b.StartedAt));
        return running;
    }

    /// <summary>Ends a call: its upstream is left at once, and its client told. False when it does not run.</summary>
    /// <param name="id">The id of its record.</param>
    public bool Cancel(Guid id)
    {
        Call? call = Array.Find(_calls, c => c is { Settled: false } && c.Record.Id == id);
        call?.Cancel(FailoverErrors.Cancelled);
        return call is not null;
    }

    /// <summary>Ends every call; their clients are told the reason.</summary>
    public void CancelAll(GatewayError reason)
    {
        foreach (Call? call in _calls)
        {
            if (call is { Settled: false })
            {
                call.Cancel(reason);
            }
        }
    }

    internal void Set(int slot, Call call) => Volatile.Write(ref _calls[slot], call);

    internal void Clear(int slot) => Volatile.Write(ref _calls[slot], null);

    private static RunningCall ViewOf(Call call) => new()
    {
        Id = call.Record.Id,
        RequestId = call.Record.RequestId,
        StartedAt = call.Record.StartedAt,
        Operation = call.Record.Operation,
        KeyId = call.Record.KeyId,
        KeyName = call.Record.KeyName,
        Model = call.Record.Model,
        Route = call.Record.Route,
        Provider = call.Backend?.Provider.Name,
        BackendId = call.Backend?.Id,
        Attempts = call.AttemptCount,
        Streamed = call.Record.Streamed,
        TimeToFirstToken = call.Record.TimeToFirstTokenUs is { } us ? TimeSpan.FromMicroseconds(us) : null,
        Age = call.Time.GetElapsedTime(call.Started),
        InputTokens = call.InputHeld,
        OutputTokens = call.OutputSoFar,
    };
}

/// <summary>A call that is being served. Its figures are those of the moment at which it was looked at.</summary>
public sealed record RunningCall
{
    /// <summary>The id that its record will have.</summary>
    public required Guid Id { get; init; }
    public required string RequestId { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required Catalog.Operation Operation { get; init; }
    public string? KeyId { get; init; }
    public string? KeyName { get; init; }
    public string? Model { get; init; }
    public string? Route { get; init; }

    /// <summary>Where it is being, or was last, sent; null while it waits.</summary>
    public string? Provider { get; init; }
    public string? BackendId { get; init; }

    /// <summary>Attempts so far, the running one included.</summary>
    public int Attempts { get; init; }
    public bool Streamed { get; init; }

    /// <summary>Null while nothing has been sent to the client.</summary>
    public TimeSpan? TimeToFirstToken { get; init; }
    public TimeSpan Age { get; init; }

    /// <summary>Estimated.</summary>
    public long InputTokens { get; init; }

    /// <summary>Sent on so far, reported or estimated.</summary>
    public long OutputTokens { get; init; }
}
