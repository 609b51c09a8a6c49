using System.Data.Common;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Health;
using Gateway.Core.Routing;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Hosting;
using Gateway.Web.Storage;

namespace Gateway.Web.Health;

/// <summary>
/// Looks once a second at what can change by itself and posts what has changed: requests carry nothing for it. Circuits number
/// their flips, so that none between two looks is missed.
/// </summary>
internal sealed class OperationWatch : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DatabaseTick = TimeSpan.FromSeconds(5);
    private static readonly int[] BudgetMarks = [50, 80, 100];

    private readonly GatewayCatalog _catalog;
    private readonly ChaosSwitch _chaos;
    private readonly OperationEvents _events;
    private readonly GatewayDatabase _database;
    private readonly DatabaseReady _ready;
    private readonly RedisLink? _redis;
    private readonly TimeProvider _time;

    private readonly Dictionary<string, int> _flips = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (bool Down, DateTimeOffset? Since)> _checks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _drains = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (BudgetWindow Window, int Mark)> _budgets = new(StringComparer.Ordinal);
    private readonly Lock _faultGate = new();
    private Dictionary<string, Fault> _faults = new(StringComparer.Ordinal);
    private bool? _redisUp;

    public OperationWatch(
        GatewayCatalog catalog, ChaosSwitch chaos, OperationEvents events, GatewayDatabase database, DatabaseReady ready, TimeProvider time, RedisLink? redis = null)
    {
        (_catalog, _chaos, _events, _database, _ready, _time, _redis) = (catalog, chaos, events, database, ready, time, redis);
        _chaos.Changed += LookAtFaults;
    }

    /// <summary>It answered when it was last asked.</summary>
    internal bool DatabaseUp { get; private set; } = true;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Not when it starts again after a failure of its own.
        if (ExecuteTask is null)
        {
            _events.Post(OperationEvent.Of(_time.GetUtcNow(), EventKinds.NodeStart, _events.Node, _events.Node));
        }
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        bool first = ExecuteTask is { IsCompleted: false };
        await base.StopAsync(cancellationToken);
        if (first)
        {
            LookAround();
            _events.Post(OperationEvent.Of(_time.GetUtcNow(), EventKinds.NodeStop, _events.Node, _events.Node));
        }
    }

    public override void Dispose()
    {
        _chaos.Changed -= LookAtFaults;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await LoopPair.RunAsync(WatchAsync, WatchDatabaseAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Tick, _time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            LookAround();
        }
    }

    /// <summary>Posts what changed since it was called before. Not for concurrent use.</summary>
    internal void LookAround()
    {
        CatalogSnapshot snapshot = _catalog.Current;
        foreach ((string id, string name, BackendState state) in snapshot.BackendStates())
        {
            LookAtCircuit(snapshot, id, name, state);
        }
        foreach (Backend backend in snapshot.Backends.Values)
        {
            LookAtDrain(backend.Id, $"{backend.Provider.Name} {backend.UpstreamModel}", backend.Draining);
        }
        foreach (Provider provider in snapshot.AllProviders)
        {
            LookAtDrain(provider.Id, provider.Name, provider.Draining);
            LookAtCheck(provider);
        }
        foreach (Budget budget in snapshot.Budgets.Values)
        {
            LookAtBudget(budget);
        }
        LookAtFaults();
        LookAtRedis();
    }

    private void LookAtCircuit(CatalogSnapshot snapshot, string id, string name, BackendState state)
    {
        int seen = _flips.GetValueOrDefault(id);
        foreach (BreakerFlip flip in state.Breaker.FlipsSince(seen))
        {
            string cause = flip is { To: BreakerState.Open, Witness: BreakerWitness.Calls } && state.LastFailure is { } failure ? $"{flip.Cause} (last failure: {failure.Kind})" : flip.Cause;
            string kind = flip.To switch { BreakerState.Open => EventKinds.CircuitOpen, BreakerState.HalfOpen => EventKinds.CircuitHalfOpen, _ => EventKinds.CircuitClosed };
            string whose = snapshot.Backends.TryGetValue(id, out Backend? backend) && BackendNames.Of(backend, snapshot) is { } of ? $"{name} {of}" : name;
            double ago = _time.GetElapsedTime(0).TotalMilliseconds - flip.AtMs;
            _events.Post(OperationEvent.Of(_time.GetUtcNow().AddMilliseconds(-ago), kind, id, whose, cause));
            _flips[id] = flip.Number;
        }
    }

    private void LookAtDrain(string id, string name, bool draining)
    {
        if (_drains.TryGetValue(id, out bool before) && before != draining)
        {
            _events.Post(OperationEvent.Of(_time.GetUtcNow(), draining ? EventKinds.DrainOn : EventKinds.DrainOff, id, name));
        }
        _drains[id] = draining;
    }

    private void LookAtCheck(Provider provider)
    {
        CheckStatus check = provider.State.Check;
        (bool down, DateTimeOffset? since) = check.Standing;
        bool known = _checks.TryGetValue(provider.Id, out (bool Down, DateTimeOffset? Since) before);
        _checks[provider.Id] = (down, since);
        if (since is not { } at || (known && before.Since == since) || (!known && !down))
        {
            return;
        }
        if (known && before.Down == down)
        {
            // It changed twice between two looks.
            _events.Post(OperationEvent.Of(at, down ? EventKinds.CheckUp : EventKinds.CheckDown, provider.Id, provider.Name));
        }
        _events.Post(OperationEvent.Of(at, down ? EventKinds.CheckDown : EventKinds.CheckUp, provider.Id, provider.Name, check.Last?.Message));
    }

    private void LookAtBudget(Budget budget)
    {
        DateTimeOffset now = _time.GetUtcNow();
        BudgetState state = budget.Meter.Read(budget, now);
        if (!budget.Meter.Seeded.IsCompleted || state.Amount.Value <= 0)
        {
            return;
        }
        double percent = 100d * state.Spent.Value / state.Amount.Value;
        int mark = BudgetMarks.LastOrDefault(m => percent >= m);
        // What was spent before this process began is no news.
        bool known = _budgets.TryGetValue(budget.Id, out (BudgetWindow Window, int Mark) before);
        if (known && mark > (before.Window == state.Window ? before.Mark : 0))
        {
            _events.Post(OperationEvent.Of(now, EventKinds.BudgetCrossed, budget.Id, budget.Name, $"{mark}% of ${state.Amount.ToDollars():0.##} are spent"));
        }
        _budgets[budget.Id] = (state.Window, mark);
    }

    private void LookAtFaults()
    {
        lock (_faultGate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            // The node that switched one on tells of it.
            Dictionary<string, Fault> active = _chaos.Active.Where(f => !f.IsFromElsewhere).ToDictionary(f => f.Id, StringComparer.Ordinal);
            foreach (Fault begun in active.Values.Where(f => !_faults.ContainsKey(f.Id)))
            {
                _events.Post(Told(begun.Since, EventKinds.ChaosStart, begun));
            }
            foreach (Fault ended in _faults.Values.Where(f => !active.ContainsKey(f.Id)))
            {
                _events.Post(Told(ended.Until < now ? ended.Until : now, EventKinds.ChaosEnd, ended));
            }
            _faults = active;
        }
    }

    private OperationEvent Told(DateTimeOffset at, string kind, Fault fault)
    {
        string on = fault.Provider ?? (_catalog.Current.Backends.TryGetValue(fault.Backend!, out Backend? backend) ? $"{backend.Provider.Name} {backend.UpstreamModel}" : fault.Backend!);
        return new OperationEvent(at, kind, fault.Id, on, new Dictionary<string, string?>
        {
            [OperationEvent.Cause] = FormattableString.Invariant($"{fault.Kind.ToName()} for {fault.Rate * 100:0.#}% of calls"),
            ["by"] = fault.By,
        });
    }

    private void LookAtRedis()
    {
        if (_redis is null || _redis.Condition == RedisCondition.Unknown)
        {
            return;
        }
        bool up = _redis.IsUp;
        if (_redisUp is { } before ? before != up : !up)
        {
            _events.Post(OperationEvent.Of(_time.GetUtcNow(), up ? EventKinds.RedisBack : EventKinds.RedisLost, "redis", "Redis", up ? null : _redis.Condition.ToString()));
        }
        _redisUp = up;
    }

    // What was lost is written when it is back, with the time at which it was lost.
    private async Task WatchDatabaseAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(DatabaseTick, _time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            if (!_ready.IsReady)
            {
                continue;
            }
            string? problem = await AskDatabaseAsync(stopping);
            if (DatabaseUp == problem is null)
            {
                continue;
            }
            DatabaseUp = problem is null;
            _events.Post(OperationEvent.Of(_time.GetUtcNow(), DatabaseUp ? EventKinds.DatabaseBack : EventKinds.DatabaseLost, "database", _database.Provider.ToString()));
        }
    }

    private async Task<string?> AskDatabaseAsync(CancellationToken stopping)
    {
        try
        {
            await using DbConnection connection = await _database.OpenAsync(stopping);
            await using DbCommand command = connection.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM \"catalog_versions\"";
            await command.ExecuteScalarAsync(stopping);
            return null;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return DatabaseErrors.ReasonOf(e);
        }
    }
}
