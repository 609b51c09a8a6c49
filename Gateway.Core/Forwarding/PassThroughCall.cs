using System.Net.Http.Headers;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Failover;
using Gateway.Core.Limits;
using Gateway.Core.Load;

namespace Gateway.Core.Forwarding;

/// <summary>One request on its way through; made by <see cref="PassThroughPipeline"/>, used by one task at a time.</summary>
public sealed class PassThroughCall
{
    private readonly Call _call;
    private readonly AttemptScope _attempt;
    private readonly CredentialLease _lease;
    private readonly ResourceOwners _owners;
    private readonly LoadGates _load;
    private readonly ILimitStore _limits;
    private readonly long _sent;
    private Admission _ofProvider;
    private GatewayError? _stopped;
    private bool _settledSoFar;
    private bool _ended;

    internal PassThroughCall(
        Call call, AttemptScope attempt, CredentialLease lease, Admission ofProvider, IForwardingAdapter adapter, ResourceOwners owners, LoadGates load, ILimitStore limits)
    {
        _ofProvider = ofProvider;
        _limits = limits;
        _load = load;
        _call = call;
        _attempt = attempt;
        _lease = lease;
        _owners = owners;
        Adapter = adapter;
        _sent = call.Time.GetTimestamp();
        Timeouts = call.Options.TimeoutsFor(Provider, null);
    }

    public IForwardingAdapter Adapter { get; }

    /// <summary>What it is to a client that the request could not be sent.</summary>
    /// <param name="exception">Null where nothing says why.</param>
    public static GatewayError ErrorOf(Exception? exception) => UpstreamErrors.OfException(exception ?? new HttpRequestException());

    /// <summary>What the request is sent over.</summary>
    public HttpMessageInvoker Connections => _attempt.Fault is { } fault
        ? new HttpMessageInvoker(new FaultyConnections(Adapter.ConnectionsFor(Provider), fault, _call.Time), disposeHandler: false)
        : Adapter.ConnectionsFor(Provider);
    public Provider Provider => _attempt.Backend.Provider;
    public CredentialDefinition? Credential => _attempt.Credential;

    /// <summary>The client's <c>Idempotency-Key</c> as it is sent on; null for none.</summary>
    public string? IdempotencyKey => Failover.IdempotencyKey.For(_call.Exchange.IdempotencyKey, _call.Key, _attempt.Backend, _attempt.Credential);

    /// <summary>Of a request that named a model; else empty.</summary>
    public string UpstreamModel => _attempt.Backend.UpstreamModel;
    public Timeouts Timeouts { get; }

    /// <summary>W3C <c>traceparent</c> for the upstream.</summary>
    public string TraceParent => _call.Record.TraceContext.ToHeader(_attempt.SpanId);

    /// <summary>The client's; null for none.</summary>
    public string? TraceState => _call.Record.TraceContext.State;
    public LimitDecision Limits => _call.Admission.Decision;
    public UsageRecord Record => _call.Record;
    public bool GatewayHeaders => _call.Options.GatewayHeaders;

    /// <summary>Cancelled when the call is ended from outside, which <see cref="Cancelled"/> says why.</summary>
    public CancellationToken Ended => _call.Ended;

    /// <summary>Null as long as nobody ended it.</summary>
    public GatewayError? Cancelled => _call.Cancelled;

    /// <summary>What the upstream's status says went wrong; null if nothing did.</summary>
    public GatewayError? Failure { get; private set; }

    /// <summary>Notes where the request is sent.</summary>
    public void SendTo(Uri url) => _attempt.Url = url;

    /// <summary>Takes the head of the answer. A refused credential is the gateway's trouble and never the client's.</summary>
    /// <returns>What to tell the client instead of the answer; null to pass it on.</returns>
    public GatewayError? Judge(int status, HttpResponseHeaders headers)
    {
        _attempt.FirstByte = _call.Time.GetTimestamp();
        _attempt.Status = status;
        _call.WaitedTicks += _attempt.FirstByte.Value - _sent;
        _call.Record.TimeToFirstTokenUs = _call.MicrosecondsSince(_call.Started);
        if (status < 400)
        {
            return null;
        }
        Failure = UpstreamErrors.OfAnswer(status, headers, default, _attempt.Backend, _attempt.Credential, _call.Time.GetUtcNow());
        return status is 401 or 402 or 403 ? Failure : null;
    }

    /// <summary>
    /// Books what one answer of a session used, and asks the limits for the next: one of them that is used up ends the session.
    /// </summary>
    /// <returns>Why the session ends; null lets it go on.</returns>
    public async ValueTask<GatewayError?> SettleAnswerAsync(Usage usage)
    {
        Report(usage);
        _settledSoFar = true;
        DateTimeOffset now = _call.Time.GetUtcNow();
        NanoUsd cost = CostCalculator.Cost(usage, _call.Snapshot.Prices.Find(UpstreamModel, Provider, _call.Record.StartedAt)) ?? NanoUsd.Zero;
        _call.Admission.Settle(usage.TotalTokens, cost);
        _ofProvider.Settle(usage.TotalTokens, cost);
        _call.Admission = await Admission.RequestAsync(_limits, SessionReserve.LeaseFor(_call, CallId.New(now), now), _call.Exchange.Aborted);
        if (!_call.Admission.Decision.Admitted)
        {
            _call.Record.LimitHit = _call.Admission.Decision.Hit;
            return _stopped = LimitErrors.Of(_call.Admission.Decision, _call.TokensReserved);
        }
        _ofProvider = await ProviderLimits.RequestAsync(_limits, _call, _attempt.Backend);
        return _stopped = _ofProvider.Decision.Admitted ? null : ProviderLimits.Refusal(_ofProvider.Decision, _call.TokensReserved);
    }

    /// <summary>Adds what the upstream says was used; a session may report many times.</summary>
    public void Report(Usage usage)
    {
        Usage before = _call.Reported;
        _call.Report(before.Source == UsageSource.None ? usage : new Usage(
            UsageSource.Reported,
            before.InputTokens + usage.InputTokens,
            before.CachedInputTokens + usage.CachedInputTokens,
            before.CacheWriteTokens + usage.CacheWriteTokens,
            before.OutputTokens + usage.OutputTokens,
            before.ReasoningTokens + usage.ReasoningTokens));
    }

    /// <summary>A resource was made here: later requests for it come here too, with the same credential.</summary>
    public void Own(string resource) => _owners.Note(resource, new ResourceOwner(Provider.Id, Credential?.Id));

    /// <summary>Its accounts are closed.</summary>
    public bool HasEnded => _ended;

    /// <summary>Closes the accounts: call it before the answer's last byte. A second call does nothing.</summary>
    /// <param name="status">What the client is sent.</param>
    /// <param name="error">Why it failed; null takes what the upstream's status said.</param>
    /// <returns>False when the journal could not take the record.</returns>
    public async ValueTask<bool> EndAsync(int status, GatewayError? error = null)
    {
        if (_ended)
        {
            return true;
        }
        _ended = true;
        error = _stopped ?? Cancelled ?? error ?? Failure;
        _attempt.Complete(error);
        if (_settledSoFar)
        {
            // What was used has been counted answer by answer.
            _call.Admission.Settle(0, NanoUsd.Zero);
            _ofProvider.Settle(0, NanoUsd.Zero);
        }
        bool recorded = await _call.SettleAsync(_call, status, error);
        ProviderLimits.Settle(ref _ofProvider, _call, _call.Record.Usage.TotalTokens, delivered: true, sunk: null);
        _load.Leave(_call.Place, _call.Options.Load);
        _lease.Return(_call.NowMs, error, _attempt.Status, _call.Record.Usage.TotalTokens);
        return recorded;
    }
}
