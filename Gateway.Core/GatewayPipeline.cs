using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Budgets;
using Gateway.Core.Capabilities;
using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Failover;
using Gateway.Core.Failover.Capabilities;
using Gateway.Core.Failover.Translated;
using Gateway.Core.Generation;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Guardrails;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Core.Relay;
using Gateway.Core.Relay.Uploads;
using Gateway.Core.Routing;

namespace Gateway.Core;

/// <summary>
/// A request's way through the gateway, from its arrival to its entry in the books. START HERE.
/// </summary>
/// <remarks>
/// <para>(1) Snapshot: one consistent catalog, kept for the whole request.</para>
/// <para>(2) Authenticate: the key's hash is looked up. Nothing of the body has been read yet.</para>
/// <para>(3) Envelope: the body is read once; what the gateway needs is noted as positions in it.</para>
/// <para>(4) Route: the model's plan, an ordered list of steps, each with backends; and a place, waited for if need be.</para>
/// <para>(5) Admit: the key's limits give a place and reserve tokens, or refuse and take nothing.</para>
/// <para>(6) Attempt and relay: <see cref="FailoverLoop"/> calls backends until one answers, and passes the answer on.</para>
/// <para>(7) Settle: always, once: usage, cost, the journal, the reservation.</para>
/// <para>Safe for concurrent use. Touches no database, and waits for nothing but the client and the upstream.</para>
/// </remarks>
public sealed class GatewayPipeline
{
    private readonly GatewayCatalog _catalog;
    private readonly Func<GatewayOptions> _options;
    private readonly Journal? _journal;
    private readonly IUsageSink _sink;
    private readonly TimeProvider _time;
    private readonly FailoverLoop _failover;
    private readonly LoadGates _load;
    private readonly IResponseStore? _store;
    private readonly ILimitStore _limits;
    private readonly InFlightTable? _inFlight;
    private readonly RunningCalls? _running;
    private readonly ICaptureSink? _captures;
    private readonly Func<Call, int, GatewayError?, ValueTask<bool>> _settle;

    /// <param name="options">Read once for each request, so that changes take effect with the next.</param>
    /// <param name="journal">Null keeps no journal: for use as a library.</param>
    /// <param name="sink">Is handed every finished call; must not wait.</param>
    /// <param name="codecs">One for each wire that is to be translated; none translates nothing.</param>
    /// <param name="capabilities">One for each shape of a capability that is to be translated; none translates nothing.</param>
    /// <param name="inFlight">Notes the calls that are running, for the case that the process is killed; null notes none.</param>
    /// <param name="limits">Where limits and budgets are counted; null counts them in this process.</param>
    /// <param name="store">Keeps answers of the Responses wire; null keeps none.</param>
    /// <param name="chaos">Faults that operators switch on; null has none.</param>
    /// <param name="running">Shows the calls that are running; null shows none.</param>
    /// <param name="load">The gates that all requests of the process pass; null makes some of its own.</param>
    /// <param name="captures">Keeps what is said in calls of keys for which an operator asked for it; null keeps none.</param>
    public GatewayPipeline(
        GatewayCatalog catalog,
        Func<GatewayOptions> options,
        IEnumerable<IProviderAdapter> adapters,
        Journal? journal,
        IUsageSink sink,
        TimeProvider time,
        Random random,
        IEnumerable<IGenerationCodec>? codecs = null,
        IResponseStore? store = null,
        IEnumerable<ICapabilityCodec>? capabilities = null,
        ILimitStore? limits = null,
        InFlightTable? inFlight = null,
        ChaosSwitch? chaos = null,
        LoadGates? load = null,
        RunningCalls? running = null,
        ICaptureSink? captures = null)
    {
        _captures = captures;
        _inFlight = inFlight;
        _running = running;
        _limits = limits ?? new LocalLimits(time);
        _store = store;
        _catalog = catalog;
        _options = options;
        _journal = journal;
        _sink = sink;
        _time = time;
        _settle = SettleAsync;
        _load = load ?? new LoadGates(time);
        _failover = new FailoverLoop(new Attempts(
            adapters.SelectMany(a => a.Kinds.Select(k => (Kind: k, Adapter: a))).ToDictionary(p => p.Kind, p => p.Adapter),
            new Translator((codecs ?? []).ToDictionary(c => c.Wire)),
            new CapabilityTranslator([.. capabilities ?? []]),
            _limits,
            chaos), random);
    }

    /// <summary>Serves one request, whatever becomes of it; throws nothing but what a broken client connection throws.</summary>
    /// <returns>The call's entry in the books; not to be changed.</returns>
    public async Task<UsageRecord> InvokeAsync(GatewayExchange exchange)
    {
        var call = new Call(exchange, _options(), _time) { SettleAsync = _settle, Store = _store };
        GatewayError? error;
        try
        {
            error = await PrepareAsync(call) ?? await _failover.RunAsync(call);
        }
        catch (OperationCanceledException) when (exchange.Aborted.IsCancellationRequested)
        {
            error = new GatewayError(GatewayErrorKind.ClientClosed, "The client closed the request.");
        }
        catch (OperationCanceledException) when (call.Cancelled is not null)
        {
            error = call.Cancelled;
        }
        catch (Exception e)
        {
            // Also where memory did not suffice: what the call holds must be given back all the more.
            _sink.Fault(exchange.RequestId, e);
            error = new GatewayError(GatewayErrorKind.Internal, "The gateway failed to handle this request. The request id leads to the cause in its log.");
        }
        finally
        {
            _load.Leave(call.Place, call.Options.Load);
        }
        try
        {
            if (error is not null && call.Attempts.Count > 0)
            {
                // An upstream's words, before anybody sees them: the client, the books, the log. A refusal of our own costs no search.
                error = error with { Message = SecretMask.Apply(call.Snapshot, error.Message)!, Param = SecretMask.Apply(call.Snapshot, error.Param), Code = SecretMask.Apply(call.Snapshot, error.Code) };
            }
            // :: (7) Settle, unless the relay did before the answer's last byte.
            if (error is not null && !call.Settled && !call.Committed && !exchange.Aborted.IsCancellationRequested)
            {
                call.Record.ResponseBytes = exchange.SizeOf(error);
            }
            await _settle(call, error?.StatusCode ?? 200, error);
            if (error is not null)
            {
                await TellAsync(call, error);
            }
        }
        finally
        {
            // A client may leave while it is told: the call is in metrics and log all the same.
            call.Capture?.End(call.Record);
            call.Record.ClientAborted = exchange.Aborted.IsCancellationRequested;
            _sink.Post(call.Record);
        }
        return call.Record;
    }

    private async ValueTask<GatewayError?> PrepareAsync(Call call)
    {
        GatewayExchange exchange = call.Exchange;

        // :: (1) Snapshot, (2) Authenticate
        GatewayError? error = null;
        (call.Snapshot, ApiKey? key) = (_catalog.Current, exchange.TrustedKey);
        if (key is null)
        {
            (call.Snapshot, key, error) = await Authenticator.FindAsync(_catalog, call.Options, exchange.PresentedKey, exchange.ClientAddress, _time, exchange.Aborted);
        }
        if (key is null)
        {
            return error;
        }
        call.Key = key;
        (call.Record.KeyId, call.Record.KeyPrefix, call.Record.KeyName) = (key.Id, key.Prefix, key.Name);
        Volatile.Write(ref key.State.LastUsedMs, call.Record.StartedAt.ToUnixTimeMilliseconds());
        if (Authenticator.Refusal(key, exchange.Operation) is { } notFor)
        {
            return notFor;
        }
        CallTrace trace = call.Record.Trace = new CallTrace { AuthenticatedUs = call.MicrosecondsSince(call.Started) };

        // :: (3) Envelope
        bool form = exchange.SendsForm && exchange.Operation.TakesMultipart();
        BodyResult body = form ? await exchange.ReadFormAsync(call.Options.MaxUploadBytes) : await exchange.ReadBodyAsync(call.Options.MaxRequestBodyBytes);
        if (body.Error is not null)
        {
            return body.Error;
        }
        call.Record.RequestBytes = body.Body.Length;
        if (key.Capture is { } order && _captures is not null && !form)
        {
            call.Capture = CallCapture.Begin(_captures, order, exchange, body.Body, call.Record);
        }
        error = form
            ? MultipartEnvelopeReader.Read(exchange.Operation, body.Body, body.ContentType!, exchange.PathModel, out RequestEnvelope envelope)
            : EnvelopeReader.Read(exchange.Operation, body.Body, out envelope, exchange.PathModel, exchange.PathStream);
        call.Envelope = envelope;
        call.Record.RequestedModel = envelope.Model.Length is > 0 and <= 256 ? envelope.Model : null;
        call.Record.Streamed = envelope.Stream;
        if (error is not null)
        {
            return error;
        }
        trace.ReadUs = call.MicrosecondsSince(call.Started);
        call.Record.Metadata = envelope.Metadata.Length > 4 ? Encoding.UTF8.GetString(envelope.Metadata.Of(body.Body.Span)) : null;

        // :: (4) Route
        if (envelope.PreviousResponseId is not null)
        {
            if (await PreviousResponse.FindAsync(call) is { } lost)
            {
                return lost;
            }
            envelope = call.Envelope;
        }
        // An answer that a provider keeps can only be gone on from there.
        string? keeper = call.Previous?.ProviderId is { } id ? call.Snapshot.Providers.Values.FirstOrDefault(p => p.Id == id)?.Name : null;
        var query = new RouteQuery(envelope.Model, envelope.OmniRoute, envelope.OmniProvider, exchange.ProviderPriority, keeper, exchange.NamedProvider);
        error = RoutePlanner.Plan(call.Snapshot, call.Options, key, query, out RoutePlan? plan);
        if (error is not null && !_catalog.Loaded.IsCompleted)
        {
            GatewayError? starting = await _catalog.WaitLoadedAsync(_time, exchange.Aborted);
            call.Snapshot = _catalog.Current;
            error = RoutePlanner.Plan(call.Snapshot, call.Options, key, query, out plan) is { } unknown ? starting ?? unknown : null;
        }
        if (error is not null)
        {
            return error;
        }
        call.Plan = plan!;
        call.Record.Model = plan!.Model?.Name ?? envelope.Model;
        call.Record.Route = plan.RouteName;
        (trace.Reason, trace.RoutedUs) = (plan.Reason, call.MicrosecondsSince(call.Started));
        if (call.Options.Guardrails?.Requests is { } words && exchange.Operation.Generates() && RequestGuard.Check(words, call.Envelope) is { } filtered)
        {
            return filtered;
        }

        (call.Place, error) = await _load.EnterAsync(plan.Model, key, call.Options.Load, exchange.Aborted);
        if (error is not null)
        {
            return error;
        }

        trace.PlacedUs = call.MicrosecondsSince(call.Started);

        // :: (5) Admit
        if (_journal is { IsWritable: false })
        {
            return new GatewayError(GatewayErrorKind.JournalUnavailable, "The gateway cannot record calls at the moment and so makes none.", RetryAfter: TimeSpan.FromSeconds(5));
        }
        call.TokensReserved = Reservation.Tokens(call);
        LimitLease? lease = Admission.LeaseFor(key, plan.Model, call.Options, call.Record.Id, call.Record.StartedAt);
        if (UnpricedCall.Refusal(call, lease) is { } unpriced)
        {
            return unpriced;
        }
        if (lease is not null)
        {
            lease.Tokens = call.TokensReserved;
            lease.Money = Reservation.Money(call, lease);
            call.Admission = await AdmitAsync(call, lease);
            if (!call.Admission.Decision.Admitted)
            {
                call.Record.LimitHit = call.Admission.Decision.Hit;
                return LimitErrors.Of(call.Admission.Decision, lease.Tokens);
            }
            (call.Record.ReservedTokens, call.Record.ReservedCost) = (call.Admission.Lease!.Tokens, call.Admission.Lease.Money);
        }
        else
        {
            call.MayHedge = MayHedge(call);
        }
        call.Record.Admitted = true;
        trace.AdmittedUs = call.MicrosecondsSince(call.Started);
        if (_inFlight is not null)
        {
            call.NoteIn(_inFlight, _running);
        }
        return null;
    }

    /// <summary>Where two backends may come to be asked, both are held for; where that is too much, one is, and only one is asked.</summary>
    private async ValueTask<Admission> AdmitAsync(Call call, LimitLease lease)
    {
        if (MayHedge(call))
        {
            LimitLease both = Admission.LeaseFor(call.Key!, call.Plan.Model, call.Options, CallId.New(call.Record.StartedAt), call.Record.StartedAt)!;
            (both.Tokens, both.Money) = (lease.Tokens * 2, lease.Money + lease.Money);
            Admission admission = FitsBudgets(both) ? await Admission.RequestAsync(_limits, both, call.Exchange.Aborted) : default;
            if (admission.Lease is not null)
            {
                call.MayHedge = true;
                return admission;
            }
        }
        return await Admission.RequestAsync(_limits, lease, call.Exchange.Aborted);
    }

    // A single call may go over what is left, if it is the only one; two at once may not.
    private bool FitsBudgets(LimitLease lease)
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (LimitScope scope in lease.Scopes)
        {
            foreach (Budget budget in scope.Budgets)
            {
                if (budget.Hard && budget.Meter.Read(budget, now).Remaining.Value < lease.Money.Value)
                {
                    return false;
                }
            }
        }
        return true;
    }

    private static bool MayHedge(Call call) => call.Plan.HedgeAfter is not null && call.Envelope.Operation.Generates();

    /// <summary>Tells the client, in whatever way is still open.</summary>
    private async ValueTask TellAsync(Call call, GatewayError error)
    {
        GatewayExchange exchange = call.Exchange;
        if (exchange.Aborted.IsCancellationRequested)
        {
            return;
        }
        if (!call.Committed)
        {
            await exchange.WriteErrorAsync(error, LimitsOf(call));
        }
        else if (call.Record.Streamed)
        {
            exchange.WriteErrorEvent(error, call.Broken);
            await exchange.Output.FlushAsync(exchange.Aborted);
        }
        else
        {
            exchange.Abort();
        }
    }

    // A request that was refused for another reason took no place, but its answer still says how many are left.
    private LimitDecision LimitsOf(Call call) =>
        call.Key is null || call.Admission.Decision != default ? call.Admission.Decision : Admission.Peek(_limits, call.Key, call.Options, call.Record.StartedAt);

    private async ValueTask<bool> SettleAsync(Call call, int status, GatewayError? error)
    {
        if (call.Settled)
        {
            return true;
        }
        call.Settled = true;
        try
        {
            Settlement.Close(call, call.Committed ? 200 : status, error);
        }
        catch (Exception e)
        {
            // The call is in the books, and what it holds comes free, all the same.
            _sink.Fault(call.Exchange.RequestId, e);
        }
        call.Admission.Settle(call.Record.Usage.TotalTokens + call.SunkTokens, call.Record.Cost ?? call.SunkCost);
        try
        {
            if (call.KeptUpstream is not null && error is null)
            {
                await RememberAsync(call);
            }
            return call.Record.KeyId is null || _journal is null || await _journal.AppendAsync(call.Record);
        }
        finally
        {
            _running?.Clear(call.InFlightSlot);
            _inFlight?.End(call.InFlightSlot);
        }
    }

    private async ValueTask RememberAsync(Call call)
    {
        try
        {
            await PreviousResponse.RememberAsync(call);
        }
        catch (Exception e)
        {
            // It cannot be gone on from; it was made, and is in the books.
            _sink.Fault(call.Exchange.RequestId, e);
        }
    }
}
