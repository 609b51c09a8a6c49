using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;

namespace Gateway.Web.Administration.Configuration.Trial;

/// <summary>
/// Runs recorded calls, in the order of their arrival, through a draft's catalog on a clock of their own: the same planner,
/// picker, limits, budgets and prices that serve requests. What the draft leaves alone goes as it was recorded, since a record
/// knows more than any simulation; what it touches, and whatever that has an effect on, is simulated.
/// </summary>
internal sealed class CatalogTrial
{
    private readonly CatalogSnapshot _present;
    private readonly CatalogSnapshot _draft;
    private readonly GatewayOptions _options;
    private readonly SimulatedTime _time;
    private readonly LocalLimits _limits;
    private readonly CallPlans _plans;
    private readonly Random _random = new(1);
    private readonly Dictionary<string, ApiKey> _presentKeys;
    private readonly Dictionary<string, ApiKey> _draftKeys;
    private readonly PriorityQueue<RunningCall, DateTimeOffset> _running = new();
    private readonly HashSet<(ScopeKind, string)> _disturbed = [];
    private readonly Dictionary<string, MeanCall> _means = new(StringComparer.Ordinal);
    private long _nowRefused;
    private long _nowServed;
    private long _moved;
    private long _repriced;

    /// <param name="present">What is in force, built anew: its states must be nobody else's.</param>
    /// <param name="draft">The same of the draft.</param>
    public CatalogTrial(CatalogSnapshot present, CatalogSnapshot draft, GatewayOptions options, DateTimeOffset start)
    {
        (_present, _draft, _options) = (present, draft, options);
        _time = new SimulatedTime(start);
        _limits = new LocalLimits(_time);
        _plans = new CallPlans(present, draft, options);
        _presentKeys = KeysOf(present);
        _draftKeys = KeysOf(draft);
    }

    public TrialTotals Recorded { get; } = new();
    public TrialTotals Drafted { get; } = new();
    public ReplayChanges Changes => new(_nowRefused, _nowServed, _moved, _repriced);

    /// <summary>Calls of keys that are not there any more, or of none: taken as recorded.</summary>
    public long Unplanned { get; private set; }

    /// <summary>Calls whose way was let through then, that the simulation by itself would have refused.</summary>
    public long Disagreements { get; private set; }

    /// <summary>Calls with a backend for which nothing says how it would have answered.</summary>
    public long Assumed { get; private set; }

    /// <summary>A call that came before the comparison begins: it fills the windows of limits and is not counted.</summary>
    public void WarmUp(UsageRecord record)
    {
        Advance(record.StartedAt);
        if (record.Admitted && record.KeyId is { } id && _draftKeys.TryGetValue(id, out ApiKey? key)
            && Admission.LeaseFor(key, _draft.FindModel(record.Model ?? ""), _options, record.Id, record.StartedAt) is { } lease)
        {
            lease.Tokens = TokensOf(record);
            _limits.Take(lease);
            Run(record, lease, null, null, record.Usage.TotalTokens, NanoUsd.Zero, DurationOf(record));
        }
    }

    public void Add(UsageRecord record)
    {
        Advance(record.StartedAt);
        CallOutcomeView then = CallOutcomeView.Recorded(record);
        CallOutcomeView now = Decide(record, then);
        Recorded.Add(then, record.Model);
        Drafted.Add(now, record.Model);
        _nowRefused += then.Refusal is null && now.Refusal is not null ? 1 : 0;
        _nowServed += then.Refusal is not null && now.Refusal is null ? 1 : 0;
        if (then.Refusal is null && now.Refusal is null)
        {
            _moved += then.Backend != now.Backend ? 1 : 0;
            _repriced += then.Cost != now.Cost ? 1 : 0;
        }
        if (record.Admitted && record.ErrorKind is null && record.Model is { } model && (_means.ContainsKey(model) || _means.Count < 1000))
        {
            _means[model] = _means.GetValueOrDefault(model).With(record);
        }
    }

    private CallOutcomeView Decide(UsageRecord record, CallOutcomeView then)
    {
        if (record.KeyId is not { } id || !_presentKeys.TryGetValue(id, out ApiKey? presentKey))
        {
            Unplanned++;
            return then;
        }
        if (!_draftKeys.TryGetValue(id, out ApiKey? key) || (Accepts(presentKey, record) && !Accepts(key, record)))
        {
            Disturb(presentKey.Scopes);
            return Refused("the key is not accepted");
        }
        PlannedPair? pair = _plans.Plan(record, presentKey, key);
        if (pair is null || (!record.Admitted && !RefusalReason.IsOfLimits(record) && pair.AreSame))
        {
            return then;
        }
        if (!record.Admitted && !RefusalReason.IsOfLimits(record) && !IsOfRouting(record))
        {
            return then;
        }
        if (pair.Draft.Plan is not { } plan)
        {
            if (pair.AreSame)
            {
                return then;
            }
            Disturb(ScopesOf(presentKey, pair.Present.Plan?.Model));
            return Refused(RefusalReason.Of(pair.Draft.Error!, key.Name));
        }
        return Admit(record, then, pair, plan, presentKey, key);
    }

    private CallOutcomeView Admit(UsageRecord record, CallOutcomeView then, PlannedPair pair, RoutePlan plan, ApiKey presentKey, ApiKey key)
    {
        LimitLease? lease = Admission.LeaseFor(key, plan.Model, _options, record.Id, record.StartedAt);
        bool alone = pair.Present.Plan is not null && HasSameLimits(presentKey, pair.Present.Plan.Model, lease) && (lease is null || lease.Scopes.All(s => !_disturbed.Contains((s.Kind, s.Id))));
        MeanCall mean = record.Model is { } model ? _means.GetValueOrDefault(model) : default;
        Usage usage = record.Admitted ? record.Usage : mean.Usage;
        if (lease is not null)
        {
            lease.Tokens = record.Admitted ? TokensOf(record) : Math.Max(mean.Reserved, mean.Usage.TotalTokens);
            lease.Money = HasBudget(lease) ? MoneyOf(record, plan, usage, lease.Tokens) : NanoUsd.Zero;
        }
        if (alone && !record.Admitted && RefusalReason.IsOfLimits(record))
        {
            return then;
        }
        if (lease is not null && _limits.Reserve(lease) is { Admitted: false } decision)
        {
            if (!alone || !record.Admitted)
            {
                if (record.Admitted)
                {
                    Disturb(ScopesOf(presentKey, plan.Model));
                }
                return Refused(RefusalReason.Of(LimitErrors.Of(decision, lease.Tokens), key.Name));
            }
            // It was let through: the clock of the simulation is a little off, and the record is right.
            Disagreements++;
            lease = Again(lease);
            _limits.Take(lease);
        }
        if (!record.Admitted)
        {
            Disturb(ScopesOf(presentKey, plan.Model));
        }
        return Serve(record, then, pair, plan, presentKey, lease, usage, mean);
    }

    private CallOutcomeView Serve(
        UsageRecord record, CallOutcomeView then, PlannedPair pair, RoutePlan plan, ApiKey presentKey, LimitLease? lease, Usage usage, MeanCall mean)
    {
        bool asRecorded = record.Admitted && pair.LeavesAlone(record);
        LimitLease? providerLease = null;
        Backend? backend = asRecorded ? pair.Draft.Find(record.BackendId, record.UpstreamModel) : Choose(record, plan, lease?.Tokens ?? usage.TotalTokens, out providerLease);
        if (backend is null)
        {
            // Nothing was called, or everything failed: as it was, or as it would be.
            Run(record, lease, null, null, 0, NanoUsd.Zero, DurationOf(record));
            return asRecorded ? then : new CallOutcomeView(null, false, null, NanoUsd.Zero, true, 0, 0);
        }
        bool isSame = record.Admitted && backend.Id == record.BackendId && backend.UpstreamModel == record.UpstreamModel;
        NanoUsd? cost = isSame && HasSamePrice(record, backend) ? record.Cost : CostCalculator.Cost(usage, _draft.Prices.Find(backend.UpstreamModel, backend.Provider, record.StartedAt));
        if (!isSame && record.Admitted && record.Attempts.All(a => a.BackendId != backend.Id))
        {
            Assumed++;
        }
        if (cost != record.Cost)
        {
            Disturb(ScopesOf(presentKey, plan.Model), onlyBudgets: true);
        }
        TimeSpan duration = record.Admitted ? DurationOf(record) : mean.Duration;
        backend.State.TryBegin(0);
        Observe(record, backend, isSame);
        Run(record, lease, providerLease, backend, usage.TotalTokens, cost ?? NanoUsd.Zero, duration);
        // Where another backend answers, it is taken to answer as the one did that was recorded.
        bool succeeded = isSame ? record.ErrorKind is null : record.ErrorKind is null || !record.Admitted || record.Attempts.Any(a => a.ErrorKind is not null && a.BackendId != backend.Id);
        bool known = cost is not null || usage.Source == UsageSource.None;
        return new CallOutcomeView(null, succeeded, CallOutcomeView.NameOf(backend.Provider.Name, backend.UpstreamModel), cost, known, usage.InputTokens, usage.OutputTokens);
    }

    /// <summary>As the loop over upstreams would: step by step, each backend once, past those that are recorded to have failed this call.</summary>
    private Backend? Choose(UsageRecord record, RoutePlan plan, long tokens, out LimitLease? providerLease)
    {
        providerLease = null;
        var tried = new List<Backend>();
        foreach (RouteStep step in plan.Steps)
        {
            while (BackendPicker.Pick(step.Policy, step.Backends, tried, Context(record)) is { } backend)
            {
                bool failed = record.Attempts.Any(a => a.BackendId == backend.Id && a.UpstreamModel == backend.UpstreamModel && a.ErrorKind is not null);
                if (!failed && Takes(record, backend, tokens, out providerLease))
                {
                    return backend;
                }
                tried.Add(backend);
            }
        }
        return null;
    }

    private bool Takes(UsageRecord record, Backend backend, long tokens, out LimitLease? lease)
    {
        lease = backend.Provider.Limits is not { } scope ? null : new LimitLease
        {
            Id = Guid.CreateVersion7(record.StartedAt),
            Scopes = [scope],
            Tokens = tokens,
            Money = NanoUsd.Zero,
            StartedAt = record.StartedAt,
            Deadline = record.StartedAt + _options.TotalTimeout,
        };
        return lease is null || _limits.Reserve(lease).Admitted;
    }

    private RoutingContext Context(UsageRecord record) => new()
    {
        NowMs = _time.NowMs,
        Now = record.StartedAt,
        Prices = _draft.Prices,
        Breaker = _options.Breaker,
        Random = _random,
    };

    private void Observe(UsageRecord record, Backend backend, bool isSame)
    {
        if (!isSame || record.ErrorKind is not null)
        {
            return;
        }
        if (record.Streamed && record.TimeToFirstTokenUs is { } first)
        {
            backend.State.FirstContent.Observe(first / 1000d, _time.NowMs);
        }
        else if (!record.Streamed)
        {
            backend.State.Duration.Observe(record.DurationUs / 1000d, _time.NowMs);
        }
    }

    private void Run(UsageRecord record, LimitLease? lease, LimitLease? providerLease, Backend? backend, long tokens, NanoUsd cost, TimeSpan duration)
    {
        if (lease is not null || providerLease is not null || backend is not null)
        {
            _running.Enqueue(new RunningCall(lease, providerLease, backend, tokens, cost), record.StartedAt + duration);
        }
    }

    /// <summary>Ends what has ended by then.</summary>
    private void Advance(DateTimeOffset instant)
    {
        while (_running.TryPeek(out RunningCall? call, out DateTimeOffset end) && end <= instant)
        {
            _running.Dequeue();
            _time.MoveTo(end);
            if (call.Lease is not null)
            {
                _limits.Settle(call.Lease, call.Tokens, call.Cost);
            }
            if (call.ProviderLease is not null)
            {
                _limits.Settle(call.ProviderLease, call.Tokens, call.Cost);
            }
            call.Backend?.State.Release();
        }
        _time.MoveTo(instant);
    }

    private bool HasSamePrice(UsageRecord record, Backend backend)
    {
        ModelPrice? draft = _draft.Prices.Find(backend.UpstreamModel, backend.Provider, record.StartedAt);
        // A provider of another account of the same name is asked under the present one's.
        return _present.Providers.TryGetValue(backend.Provider.Name, out Provider? provider)
            ? _present.Prices.Find(backend.UpstreamModel, provider, record.StartedAt) == draft
            : _present.Backends.TryGetValue(backend.Id, out Backend? same) && _present.Prices.Find(backend.UpstreamModel, same.Provider, record.StartedAt) == draft;
    }

    private static bool HasSameLimits(ApiKey presentKey, Model? model, LimitLease? lease)
    {
        LimitScope[] before = ScopesOf(presentKey, model);
        LimitScope[] after = lease?.Scopes ?? [];
        return before.Length == after.Length && before.Zip(after).All(p => IsSame(p.First, p.Second));
    }

    private static bool IsSame(LimitScope a, LimitScope b) =>
        (a.Kind, a.Id, a.Rpm, a.Tpm, a.MaxParallel) == (b.Kind, b.Id, b.Rpm, b.Tpm, b.MaxParallel)
        && a.Budgets.Length == b.Budgets.Length
        && a.Budgets.OrderBy(x => x.Id, StringComparer.Ordinal).Zip(b.Budgets.OrderBy(x => x.Id, StringComparer.Ordinal))
            .All(p => p.First with { Meter = p.Second.Meter } == p.Second);

    private static LimitScope[] ScopesOf(ApiKey key, Model? model) => model?.Limits is { } limits ? [.. key.Scopes, limits] : key.Scopes;

    private void Disturb(LimitScope[] scopes, bool onlyBudgets = false)
    {
        foreach (LimitScope scope in scopes.Where(s => !onlyBudgets || s.Budgets.Length > 0))
        {
            _disturbed.Add((scope.Kind, scope.Id));
        }
    }

    private NanoUsd MoneyOf(UsageRecord record, RoutePlan plan, Usage usage, long tokens)
    {
        var most = new Usage(UsageSource.Estimated, usage.InputTokens, 0, 0, Math.Max(0, tokens - usage.InputTokens), 0);
        long dearest = record.Admitted ? record.ReservedCost.Value : 0;
        foreach (Backend backend in plan.Steps.SelectMany(s => s.Backends))
        {
            NanoUsd? cost = HasSamePrice(record, backend) && record.Admitted && dearest > 0 ? null
                : CostCalculator.Cost(most, _draft.Prices.Find(backend.UpstreamModel, backend.Provider, record.StartedAt));
            dearest = Math.Max(dearest, cost?.Value ?? 0);
        }
        return new NanoUsd(dearest);
    }

    private static bool Accepts(ApiKey key, UsageRecord record) => key.Active && (key.ExpiresAt is not { } end || record.StartedAt < end);

    private static bool IsOfRouting(UsageRecord record) =>
        record.ErrorKind == GatewayErrorKind.ModelNotFound.ToName() || record.ErrorKind == GatewayErrorKind.NoBackend.ToName();

    private static bool HasBudget(LimitLease lease) => lease.Scopes.Any(s => s.Budgets.Length > 0);

    private static LimitLease Again(LimitLease lease) => new()
    {
        Id = lease.Id,
        Scopes = lease.Scopes,
        DefaultRpm = lease.DefaultRpm,
        DefaultTpm = lease.DefaultTpm,
        Tokens = lease.Tokens,
        Money = lease.Money,
        StartedAt = lease.StartedAt,
        Deadline = lease.Deadline,
    };

    // Where nothing was limited nothing was reserved; then what was used is the best that is known.
    private static long TokensOf(UsageRecord record) => record.ReservedTokens > 0 ? record.ReservedTokens : record.Usage.TotalTokens;

    private static TimeSpan DurationOf(UsageRecord record) => TimeSpan.FromMicroseconds(Math.Max(0, record.DurationUs));

    private static CallOutcomeView Refused(string reason) => new(reason, false, null, NanoUsd.Zero, true, 0, 0);

    private static Dictionary<string, ApiKey> KeysOf(CatalogSnapshot snapshot) => snapshot.Keys.Values.Concat(snapshot.Tokens.Values).ToDictionary(k => k.Id);

    private sealed record RunningCall(LimitLease? Lease, LimitLease? ProviderLease, Backend? Backend, long Tokens, NanoUsd Cost);

    /// <summary>What calls of a model were like so far: stands in for calls that were refused then.</summary>
    private readonly record struct MeanCall(long Calls, long Input, long Output, long ReservedSum, long DurationUs)
    {
        public Usage Usage => Calls == 0 ? default : new Usage(UsageSource.Estimated, Input / Calls, 0, 0, Output / Calls, 0);
        public long Reserved => Calls == 0 ? 0 : ReservedSum / Calls;
        public TimeSpan Duration => Calls == 0 ? TimeSpan.FromSeconds(1) : TimeSpan.FromMicroseconds((double)DurationUs / Calls);

        public MeanCall With(UsageRecord r) =>
            new(Calls + 1, Input + r.Usage.InputTokens, Output + r.Usage.OutputTokens, ReservedSum + TokensOf(r), DurationUs + Math.Max(0, r.DurationUs));
    }
}
