using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;
using Xunit;

namespace Gateway.Tests.Cluster.Limits;

/// <summary>What one node has of the shared limits, without the rest of the gateway: its own local counts, its own scopes.</summary>
internal sealed class LimitNode : IAsyncDisposable
{
    private readonly RedisDialer _dialer;

    private LimitNode(RedisSettings settings, TimeSpan? seedWait, TimeProvider time)
    {
        _dialer = new RedisDialer(settings, TimeProvider.System);
        Link = new RedisLink(settings, _dialer, TimeProvider.System, new Random(1), Log);
        Known = new KnownSpending(Link);
        Events = new LimitEventQueue(Link, Known, Node, time, new LogLines<LimitEventQueue>());
        Local = new LocalLimits(TimeProvider.System, seedWait);
        Limits = new SharedLimits(Link, Events, Local, Known, Node, settings, time);
    }

    public LogLines<RedisLink> Log { get; } = new();
    public ClusterNode Node { get; } = new();
    public KnownSpending Known { get; }
    public RedisLink Link { get; }
    public LimitEventQueue Events { get; }
    public LocalLimits Local { get; }
    public SharedLimits Limits { get; }

    /// <param name="seedWait">As of <see cref="LocalLimits"/>; null has no history.</param>
    /// <param name="ahead">How much its clock is ahead of the others'.</param>
    public static async Task<LimitNode> StartAsync(RedisSettings settings, TimeSpan? seedWait = null, TimeSpan ahead = default)
    {
        var node = new LimitNode(settings, seedWait, new WrongClock(ahead));
        await node.Link.StartAsync(TestContext.Current.CancellationToken);
        await node.Events.StartAsync(TestContext.Current.CancellationToken);
        return node;
    }

    public async Task<LimitDecision> ReserveAsync(LimitLease lease) => await Limits.ReserveAsync(lease, TestContext.Current.CancellationToken);

    /// <summary>Everything that ended has been counted in Redis.</summary>
    public Task SettledAsync() => Eventually.TrueAsync(() => Events.Unsettled == 0);

    /// <summary>As if the process were killed: nothing is said any more, nothing is sent.</summary>
    public async Task LoseAsync()
    {
        await Link.StopAsync(CancellationToken.None);
    }

    private sealed class WrongClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + ahead;
    }

    public async ValueTask DisposeAsync()
    {
        await Events.StopAsync(CancellationToken.None);
        await Link.StopAsync(CancellationToken.None);
        Events.Dispose();
        Link.Dispose();
    }
}

/// <summary>Scopes and leases for tests; each call makes a state of its own, as each node has.</summary>
internal static class Some
{
    public static LimitScope Scope(ScopeKind kind = ScopeKind.Key, string id = "a", int rpm = 0, int tpm = 0, int parallel = 0, params Budget[] budgets) => new()
    {
        Kind = kind,
        Id = id,
        Name = id,
        Rpm = rpm,
        Tpm = tpm,
        MaxParallel = parallel,
        Budgets = budgets,
        State = new ScopeState(),
    };

    public static Budget Budget(long nanoUsd, bool hard = true, BudgetPeriod period = BudgetPeriod.Month, DateTimeOffset? until = null, DateTimeOffset? from = null) => new()
    {
        Id = "b",
        Name = "b",
        Amount = new NanoUsd(nanoUsd),
        Period = period,
        Hard = hard,
        From = from ?? DateTimeOffset.MinValue,
        Until = until ?? DateTimeOffset.MaxValue,
        Meter = new BudgetMeter(),
    };

    public static LimitLease Lease(LimitScope scope, long tokens = 0, long money = 0, TimeSpan ahead = default) => Lease([scope], tokens, money, ahead);

    public static LimitLease Lease(LimitScope[] scopes, long tokens = 0, long money = 0, TimeSpan ahead = default)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow() + ahead;
        return new LimitLease
        {
            Id = Guid.CreateVersion7(now),
            Scopes = scopes,
            Tokens = tokens,
            Money = new NanoUsd(money),
            StartedAt = now,
            Deadline = now.AddMinutes(10),
        };
    }
}
