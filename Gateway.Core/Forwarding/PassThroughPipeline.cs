using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Failover;
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
    /// <param name="query">Asked for once the caller is known, since finding it out may read the body, and fail to.</param>
    public async ValueTask<(PassThroughCall? Call, GatewayError? Error, LimitDecision Limits)> BeginAsync(
        GatewayExchange exchange, Func<ValueTask<(PassThroughQuery? Query, GatewayError? Error)>> query)
    {
        var call = new Call(exchange, options(), time) { SettleAsync = SettleAsync };
        call.Envelope = new RequestEnvelope { Operation = Operation.PassThrough, Body = default };
        PassThroughCall? begun = null;
        GatewayError? error;
        try
        {
            error = await AuthenticateAsync(call);
            Backend? backend = null;
            string? keeper = null;
            if (error is null)
            {
                (error, backend, keeper) = await RouteAsync(call, query);
            }
            error ??= await AdmitAsync(call);
            if (error is null)
            {
                (begun, error) = await ReachAsync(call, backend!, keeper);
            }
        }
        catch (OperationCanceledException) when (exchange.Aborted.IsCancellationRequested)
        {
            error = new GatewayError(GatewayErrorKind.ClientClosed, "The client closed the request.");
        }
        catch (Exception e)
        {
            // Also where memory did not suffice: what the call holds must be given back all the more.
            sink.Fault(exchange.RequestId, e);
            error = new GatewayError(GatewayErrorKind.Internal, "The gateway failed to handle this request. The request id leads to the cause in its log.");
        }
        if (error is not null)
        {
            await SettleAsync(call, error.StatusCode, error);
            _load.Leave(call.Place, call.Options.Load);
            sink.Post(call.Record);
        }
        return (begun, error, call.Admission.Decision);
    }

    /// <summary>The call is over and its accounts are closed.</summary>
    public void Finish(PassThroughCall call, bool aborted)
    {
        call.Record.ClientAborted = aborted;
        sink.Post(call.Record);
    }

    private async ValueTask<GatewayError?> AuthenticateAsync(Call call)
    {
        (call.Snapshot, ApiKey? key, GatewayError? error) = await Authenticator.FindAsync(
            catalog, call.Options, call.Exchange.PresentedKey, call.Exchange.ClientAddress, time, call.Exchange.Aborted);
        if (key is null)
        {
            return error;
        }
        call.Key = key;
        (call.Record.KeyId, call.Record.KeyPrefix, call.Record.KeyName) = (key.Id, key.Prefix, key.Name);
        Volatile.Write(ref key.State.LastUsedMs, call.Record.StartedAt.ToUnixTimeMilliseconds());
        return Authenticator.Refusal(key, Operation.PassThrough);
    }

    private async ValueTask<(GatewayError? Error, Backend? Backend, string? Keeper)> RouteAsync(
        Call call, Func<ValueTask<(PassThroughQuery? Query, GatewayError? Error)>> query)
    {
        (PassThroughQuery? asked, GatewayError? error) = await query();
        if (asked is null)
        {
            return (error, null, null);
        }
        call.Record.RequestedModel = asked.Model;
        error = Choose(call, asked, out RoutePlan? plan, out Backend? backend);
        if (error is not null && !catalog.Loaded.IsCompleted)
        {
            GatewayError? starting = await catalog.WaitLoadedAsync(time, call.Exchange.Aborted);
            call.Snapshot = catalog.Current;
            error = Choose(call, asked, out plan, out backend) is { } unknown ? starting ?? unknown : null;
        }
        call.Plan = plan!;
        call.Record.Model = plan?.Model?.Name ?? asked.Model;
        if (error is null)
        {
            (call.Place, error) = await _load.EnterAsync(call.Plan.Model, call.Key!, call.Options.Load, call.Exchange.Aborted);
        }
        return (error, backend, error is null ? PassThroughTarget.KeeperAt(backend!.Provider, asked, owners) : null);
    }

    private GatewayError? Choose(Call call, PassThroughQuery asked, out RoutePlan? plan, out Backend? backend) => PassThroughTarget.Choose(
        call.Snapshot, call.Options, call.Key!, asked, call.Exchange.ProviderPriority, owners, p => _adapters.ContainsKey(p.Kind), ContextOf(call), out plan, out backend);

    private async ValueTask<(PassThroughCall? Call, GatewayError? Error)> ReachAsync(Call call, Backend backend, string? keeper)
    {
        (BackendPlace place, GatewayError? refused) = await BackendPlace.TakeAsync(_limits, call, backend, keeper);
        if (refused is not null)
        {
            return (null, refused);
        }
        var attempt = new AttemptScope(call, place) { Fault = chaos?.Find(call.Key, backend) };
        return (new PassThroughCall(call, attempt, place.Lease, place.OfProvider, _adapters[backend.Provider.Kind], owners, _load, _limits), null);
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
        call.TokensReserved = call.Record.RequestedModel is null ? 0 : SessionReserve.Tokens(call);
        LimitLease? lease = SessionReserve.LeaseFor(call, call.Record.Id, call.Record.StartedAt);
        call.Admission = await Admission.RequestAsync(_limits, lease, call.Exchange.Aborted);
        if (!call.Admission.Decision.Admitted)
        {
            call.Record.LimitHit = call.Admission.Decision.Hit;
            return LimitErrors.Of(call.Admission.Decision, call.TokensReserved);
        }
        if (call.Admission.Lease is not null)
        {
            (call.Record.ReservedTokens, call.Record.ReservedCost) = (call.Admission.Lease.Tokens, call.Admission.Lease.Money);
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
        call.Settled = true;
        try
        {
            Settlement.Close(call, status, error);
        }
        catch (Exception e)
        {
            // As in the other pipeline.
            sink.Fault(call.Exchange.RequestId, e);
        }
        call.Admission.Settle(call.Record.Usage.TotalTokens, call.Record.Cost ?? NanoUsd.Zero);
        try
        {
            return call.Record.KeyId is null || journal is null || await journal.AppendAsync(call.Record);
        }
        finally
        {
            running?.Clear(call.InFlightSlot);
            inFlight?.End(call.InFlightSlot);
        }
    }
}
