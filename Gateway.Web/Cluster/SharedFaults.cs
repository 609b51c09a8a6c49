using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Core.Chaos;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Hosting;

namespace Gateway.Web.Cluster;

/// <summary>
/// Makes the faults that somebody switches on or ends on one node hold on all of them. Redis keeps the list; each node takes it over
/// when another says that it has changed, and every few seconds. Where Redis is away a node keeps what it has, which ends by itself; a Redis
/// that has lost its memory ends them all.
/// </summary>
internal sealed class SharedFaults : BackgroundService
{
    public const string Channel = LimitKeys.Prefix + "faults";

    private const string Key = LimitKeys.Prefix + "faults:on";

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private readonly ChaosSwitch _chaos;
    private readonly RedisLink _link;
    private readonly RedisSubscription _subscription;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _wake = new(0);

    // What Redis does not know yet; null is ended.
    private readonly ConcurrentDictionary<string, Fault?> _untold = new(StringComparer.Ordinal);

    public SharedFaults(ChaosSwitch chaos, RedisLink link, RedisDialer dialer, TimeProvider time, Random random)
    {
        (_chaos, _link, _time) = (chaos, link, time);
        _subscription = new RedisSubscription(dialer, Channel, _ => _wake.Release(), () => _wake.Release(), time, random);
    }

    /// <summary>Somebody switched it on here.</summary>
    public void TellBegun(Fault fault) => Tell(fault.Id, fault);

    /// <summary>Somebody ended it here, wherever it was switched on.</summary>
    public void TellEnded(string id) => Tell(id, null);

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await LoopPair.RunAsync(_subscription.RunAsync, KeepUpAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private void Tell(string id, Fault? fault)
    {
        _untold[id] = fault;
        _wake.Release();
    }

    private async Task KeepUpAsync(CancellationToken stopping)
    {
        while (true)
        {
            if (_link.IsUp && await TellAsync())
            {
                await TakeOverAsync();
            }
            await _wake.WaitAsync(Tick, stopping);
        }
    }

    /// <summary>False: not all of it could be told.</summary>
    private async Task<bool> TellAsync()
    {
        bool told = false;
        foreach (KeyValuePair<string, Fault?> change in _untold)
        {
            RedisReply reply = await _link.SendAsync(change.Value is { } fault
                ? new RespCommand("HSET", Key, change.Key, JsonSerializer.Serialize(fault))
                : new RespCommand("HDEL", Key, change.Key));
            if (!reply.IsAnswer)
            {
                return false;
            }
            // Unless it was ended while it was told.
            _untold.TryRemove(change);
            told = true;
        }
        if (told)
        {
            await _link.SendAsync(new RespCommand("PEXPIRE", Key).Add((long)(2 * ChaosSwitch.Longest).TotalMilliseconds));
            await _link.SendAsync(new RespCommand("PUBLISH", Channel, ""));
        }
        return true;
    }

    private async Task TakeOverAsync()
    {
        RedisReply reply = await _link.SendAsync(new RespCommand("HGETALL", Key));
        if (!reply.IsAnswer)
        {
            return;
        }
        Dictionary<string, Fault> on = new(StringComparer.Ordinal);
        foreach (RedisReply[] pair in reply.Items.Chunk(2))
        {
            if (Parse(pair[^1]) is { } fault && fault.Id == pair[0].Text)
            {
                on[fault.Id] = fault;
            }
        }
        // What was switched on or ended here meanwhile.
        foreach ((string id, Fault? fault) in _untold)
        {
            on.Remove(id);
            if (fault is not null)
            {
                on[id] = fault;
            }
        }
        _chaos.TakeOver(on.Values);
        foreach (Fault over in on.Values.Where(f => f.Until <= _time.GetUtcNow()))
        {
            await _link.SendAsync(new RespCommand("HDEL", Key, over.Id));
        }
    }

    // From a place that others can write to: what is no fault is passed over.
    private static Fault? Parse(RedisReply text)
    {
        try
        {
            return JsonSerializer.Deserialize<Fault>(text.Bytes) is { Keys: not null, Rate: > 0 and <= 1 } fault
                && (fault.Provider is null) != (fault.Backend is null) && Enum.IsDefined(fault.Kind) ? fault : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
