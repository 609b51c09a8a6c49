using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Health;

namespace Gateway.Core.Failover;

/// <summary>One attempt while it runs; becomes an <see cref="AttemptRecord"/> when it is over.</summary>
internal sealed class AttemptScope
{
    /// <summary>What is less than this of a call's time is none: timers count whole milliseconds, and may be early by one.</summary>
    public static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(20);

    private readonly Call _call;
    private readonly BackendPermit _permit;
    private bool _completed;

    public AttemptScope(Call call, in BackendPlace place)
    {
        _call = call;
        _permit = place.Permit;
        Started = place.TakenAt;
        Credential = place.Lease.Definition;
        call.Backend = _permit.Backend;
        SpanId = call.NextSpan();
    }

    public Backend Backend => _permit.Backend;
    public CredentialDefinition? Credential { get; }

    /// <summary>What its upstream is told.</summary>
    public ulong SpanId { get; }

    /// <summary>What was sent, once it was.</summary>
    public UpstreamCall? Sent { get; set; }

    /// <summary>Where it was sent, if not as <see cref="Sent"/> says.</summary>
    public Uri? Url { get; set; }

    /// <summary>Timestamp of its beginning.</summary>
    public long Started { get; }

    /// <summary>Timestamp of its end; only when it <see cref="IsComplete"/>.</summary>
    public long Ended { get; private set; }

    /// <summary>Timestamp of the answer's head.</summary>
    public long? FirstByte { get; set; }
    public int? Status { get; set; }

    /// <summary>A 503 is that of a model that is being loaded, which is waited for and not held against the backend.</summary>
    public bool MayBeWarming { get; init; }

    /// <summary>It goes on with an answer that the client has part of.</summary>
    public bool Resumes { get; init; }

    /// <summary>The client has got something of this attempt's answer. Set where it <see cref="Resumes"/> one; else the first byte tells.</summary>
    public bool Delivered
    {
        get => Resumes ? field : _call.Committed;
        set;
    }

    /// <summary>It is over, and stands in the record.</summary>
    public bool IsComplete => _completed;

    /// <summary>What an operator has go wrong with it; null is nothing.</summary>
    public Fault? Fault { get; init; }

    /// <summary>Ends it because another attempt was quicker; says nothing about the backend but that it took at least that long.</summary>
    /// <param name="cost">What its upstream may bill all the same; null is not known.</param>
    public void Supersede(NanoUsd? cost)
    {
        _completed = true;
        long now = Ended = _call.Time.GetTimestamp();
        if (_call.Envelope.Stream)
        {
            Backend.State.FirstContent.Observe(Took(now) / 1000.0, _call.MillisecondsAt(now));
        }
        Leave(CallOutcome.Unknown, now);
        _call.Add(RecordOf(AttemptRecord.Superseded, cost, now));
    }

    /// <summary>Its first content is there.</summary>
    public void NoteContent() => _permit.ReportAlive(_call.NowMs, _call.Options.Breaker);

    /// <summary>Ends the attempt; the first call counts.</summary>
    /// <param name="sunk">What its upstream may bill although it brought nothing; null where it bills nothing, or what is not known.</param>
    public void Complete(GatewayError? error, NanoUsd? sunk = null)
    {
        if (_completed)
        {
            return;
        }
        _completed = true;
        long now = Ended = _call.Time.GetTimestamp();
        string? kind = error?.KindName;
        CallOutcome outcome = (MayBeWarming && Status == 503) || HadOnlyTheRest(error) ? CallOutcome.Unknown : OutcomeOf(error);
        // A client that leaves, or asks for what cannot be, says nothing about the backend.
        bool backendFailed = error is not null and not { Kind: GatewayErrorKind.ClientClosed or GatewayErrorKind.UpstreamRefused };
        Backend.State.Note(backendFailed ? kind : null, _call.Record.StartedAt + _call.Time.GetElapsedTime(_call.Started, now));
        Measure(error, now);
        Leave(outcome, now);
        _call.Add(RecordOf(kind, sunk, now));
    }

    private void Leave(CallOutcome outcome, long now)
    {
        long nowMs = _call.MillisecondsAt(now);
        _permit.Return(outcome, nowMs, _call.Options.Breaker);
        _call.Plan.Model?.State.Queue.Wake(nowMs);
    }

    private AttemptRecord RecordOf(string? errorKind, NanoUsd? sunk, long now) => new(
        Backend.Provider.Name,
        Backend.Id,
        Backend.UpstreamModel,
        Credential?.Label,
        StartUs,
        FirstByte is { } first ? Took(first) : null,
        Took(now),
        Status,
        errorKind,
        Fault?.Mark)
    {
        Url = Url ?? Sent?.Url,
        SpanId = SpanId,
        SunkCost = sunk,
    };

    private long StartUs => (long)_call.Time.GetElapsedTime(_call.Started, Started).TotalMicroseconds;

    // In microseconds.
    private long Took(long until) => (long)_call.Time.GetElapsedTime(Started, until).TotalMicroseconds;

    // What fails fast must not look quick; what times out has taken at least that long.
    private void Measure(GatewayError? error, long now)
    {
        if (error is not (null or { Kind: GatewayErrorKind.UpstreamTimeout }) || _call.Envelope.Operation == Operation.PassThrough)
        {
            return;
        }
        if (!_call.Envelope.Stream)
        {
            Backend.State.Duration.Observe(Took(now) / 1000.0, _call.MillisecondsAt(now));
        }
        else if (error is not null && !Delivered)
        {
            Backend.State.FirstContent.Observe(Took(now) / 1000.0, _call.MillisecondsAt(now));
        }
        else if (!Resumes && _call.Record.TimeToFirstTokenUs is { } content)
        {
            Backend.State.FirstContent.Observe(Math.Max(1, content - StartUs) / 1000.0, _call.MillisecondsAt(now));
        }
    }

    // Nobody is dead for not having answered in what others left of the call's time.
    private bool HadOnlyTheRest(GatewayError? error) =>
        error?.Kind == GatewayErrorKind.UpstreamTimeout && _call.Attempts.Count > 0 && _call.TimeLeft < TimerSlack;

    // Refused and limited credentials are set aside by themselves; the backend behind them may be well.
    private static CallOutcome OutcomeOf(GatewayError? error) => error?.Kind switch
    {
        null or GatewayErrorKind.UpstreamRefused => CallOutcome.Alive,
        GatewayErrorKind.UpstreamServerError or GatewayErrorKind.UpstreamTimeout or GatewayErrorKind.UpstreamConnection
            or GatewayErrorKind.UpstreamInvalidResponse or GatewayErrorKind.UpstreamStreamBroken => CallOutcome.Failed,
        _ => CallOutcome.Unknown,
    };
}
