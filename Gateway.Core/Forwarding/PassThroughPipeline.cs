using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Failover;
using Gateway.Core.Health;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Core.Relay;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Forwarding;

/// <summary>
/// The stages of <see cref="GatewayPipeline"/> for requests whose meaning is the upstream's business: snapshot, authenticate,
/// route, admit, account. The forwarding itself is the host's, since its bodies are streams that cannot be replayed: there is
/// one attempt. Safe for concurrent use.
/// </summary>
public sealed class PassThroughPipeline(
    GatewayCatalog catalog,
    Func<GatewayOptions> options,
    IEnumerable<IProviderAdapter> adapters,
    Journal? journal,
    IUsageSink sink,
    TimeProvider time,
    Random random,
    ResourceOwners owners,
    ILimitStore? limits = null,
    InFlightTable? inFlight = null,
    ChaosSwitch? chaos = null,
    LoadGates? load = null,
    RunningCalls? running = null)
{
    private readonly LoadGates _load = load ?? new LoadGates(time);
    private readonly ILimitStore _limits = limits ?? new LocalLimits(time);

    private readonly Dictionary<ProviderKind, IForwardingAdapter> _adapters = adapters.OfType<IForwardingAdapter>()
        .SelectMany(a => a.Kinds.Select(k => (Kind: k, Adapter: a))).ToDictionary(p => p.Kind, p => p.Adapter);

    /// <summary>Lets a request in, or books and returns the reason why not.</summary>
    /// <param name="query">Asked for once the caller is known, since finding it out may read the body.</param>
    public async ValueTask<(PassThroughCall? Call, GatewayError? Error, LimitDecision Limits)> BeginAsync(
        GatewayExchange exchange, Func<ValueTask<PassThroughQuery>> query)
    {
        var call = new Call(exchange, options(), time) { SettleAsync = SettleAsync };
        UsageRecord record = call.Record;
        record.StartedAt = time.GetUtcNow();
        record.Id = CallId.New(record.StartedAt);
        record.RequestId = exchange.RequestId;
        record.TraceContext = TraceContext.Of(exchange.Trace, record.Id, call.Options.TraceSampling);
        record.TraceId = record.TraceContext.TraceId;
        record.Operation = Operation.PassThrough;
        record.Method = exchange.Method;
        record.Path = exchange.Path;
        call.Envelope = new RequestEnvelope { Operation = Operation.PassThrough, Body = default };
        GatewayError? error = await AuthenticateAsync(call);
        Backend? backend = null;
        if (error is null)
        {
            PassThroughQuery asked = await query();
            record.RequestedModel = asked.Model;
            error = PassThroughTarget.Choose(call.Snapshot, call.Options, call.Key!, asked, exchange.ProviderPriority, owners, p => _adapters.ContainsKey(p.Kind), ContextOf(call), out RoutePlan? plan, out backend);
            call.Plan = plan!;
            record.Model = plan?.Model?.Name ?? asked.Model;
        }
        if (error is null)
        {
            (call.Place, error) = await _load.EnterAsync(call.Plan.Model, call.Key!, call.Options.Load, exchange.Aborted);
        }
        try
        {
            error ??= await AdmitAsync(call);
        }
        catch
        {
            _load.Leave(call.Place, call.Options.Load);
            throw;
        }
        CredentialLease lease = default;
        BackendPermit permit = default;
        error ??= BackendPermit.TryTake(backend!, call.NowMs, out permit) ? null : FailoverErrors.NoBackend([backend!], call.NowMs);
        if (error is null && (error = CredentialPool.TryTake(backend!, call.NowMs, 0, out lease)) is not null)
        {
            permit.Return(CallOutcome.Unknown, call.NowMs, call.Options.Breaker);
        }
        if (error is not null)
        {
            await SettleAsync(call, error.StatusCode, error);
            _load.Leave(call.Place, call.Options.Load);
            sink.Post(record);
            return (null, error, call.Admission.Decision);
        }
        var attempt = new AttemptScope(call, permit, lease.Definition) { Fault = chaos?.Find(call.Key, backend!) };
        return (new PassThroughCall(call, attempt, lease, _adapters[backend!.Provider.Kind], owners, _load), null, call.Admission.Decision);
    }

    /// <summary>The call is over and its accounts are closed.</summary>
    public void Finish(PassThroughCall call, bool aborted)
    {
        call.Record.ClientAborted = aborted;
        sink.Post(call.Record);
    }

    private async ValueTask<GatewayError?> AuthenticateAsync(Call call)
    {
        await catalog.Loaded.WaitAsync(call.Options.FirstByteTimeout, call.Exchange.Aborted);
        call.Snapshot = catalog.Current;
        if (Authenticator.Find(call.Snapshot, call.Options, call.Exchange.PresentedKey, call.Record.StartedAt) is not { } key)
        {
            return Authenticator.Refusal(call.Exchange.PresentedKey);
        }
        call.Key = key;
        (call.Record.KeyId, call.Record.KeyPrefix, call.Record.KeyName) = (key.Id, key.Prefix, key.Name);
        Volatile.Write(ref key.State.LastUsedMs, call.Record.StartedAt.ToUnixTimeMilliseconds());
        return null;
    }

    private RoutingContext ContextOf(Call call) => new()
    {
        NowMs = call.NowMs,
        Now = call.Record.StartedAt,
        Prices = call.Snapshot.Prices,
        Breaker = call.Options.Breaker,
        Random = random,
    };

    private async ValueTask<GatewayError?> AdmitAsync(Call call)
    {
        if (journal is { IsWritable: false })
        {
            return new GatewayError(GatewayErrorKind.JournalUnavailable, "The gateway cannot record calls at the moment and so makes none.", RetryAfter: TimeSpan.FromSeconds(5));
        }
        LimitLease? lease = Admission.LeaseFor(call.Key!, call.Plan.Model, call.Options, call.Record.Id, call.Record.StartedAt);
        call.Admission = await Admission.RequestAsync(_limits, lease, call.Exchange.Aborted);
        if (!call.Admission.Decision.Admitted)
        {
            call.Record.LimitHit = call.Admission.Decision.Hit;
            return LimitErrors.Of(call.Admission.Decision, 0);
        }
        call.Record.Admitted = true;
        if (inFlight is not null)
        {
            call.NoteIn(inFlight, running);
        }
        return null;
    }

    private async ValueTask<bool> SettleAsync(Call call, int status, GatewayError? error)
    {
        Settlement.Close(call, status, error);
        call.Admission.Settle(call.Record.Usage.TotalTokens, call.Record.Cost ?? NanoUsd.Zero);
        bool recorded = call.Record.KeyId is null || journal is null || await journal.AppendAsync(call.Record);
        running?.Clear(call.InFlightSlot);
        inFlight?.End(call.InFlightSlot);
        return recorded;
    }
}
