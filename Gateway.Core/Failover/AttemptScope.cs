using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Health;

namespace Gateway.Core.Failover;

/// <summary>One attempt while it runs; becomes an <see cref="AttemptRecord"/> when it is over.</summary>
internal sealed class AttemptScope
{
    private readonly Call _call;
    private readonly BackendPermit _permit;
    private readonly long _started;
    private bool _completed;

    public AttemptScope(Call call, BackendPermit permit, CredentialDefinition? credential)
    {
        _call = call;
        _permit = permit;
        _started = call.Time.GetTimestamp();
        Credential = credential;
        call.Backend = permit.Backend;
    }

    public Backend Backend => _permit.Backend;
    public CredentialDefinition? Credential { get; }

    /// <summary>Timestamp of the answer's head.</summary>
    public long? FirstByte { get; set; }
    public int? Status { get; set; }

    /// <summary>A 503 is that of a model that is being loaded, which is waited for and not held against the backend.</summary>
    public bool MayBeWarming { get; init; }

    /// <summary>What an operator has go wrong with it; null is nothing.</summary>
    public Fault? Fault { get; init; }

    /// <summary>Ends the attempt; the first call counts.</summary>
    public void Complete(GatewayError? error)
    {
        if (_completed)
        {
            return;
        }
        _completed = true;
        string? kind = error?.KindName;
        CallOutcome outcome = MayBeWarming && Status == 503 ? CallOutcome.Unknown : OutcomeOf(error);
        // A client that leaves, or asks for what cannot be, says nothing about the backend.
        bool backendFailed = error is not null and not { Kind: GatewayErrorKind.ClientClosed or GatewayErrorKind.UpstreamRefused };
        Backend.State.Note(backendFailed ? kind : null, _call.Time.GetUtcNow());
        Measure(error);
        _permit.Return(outcome, _call.NowMs, _call.Options.Breaker);
        _call.Add(new AttemptRecord(
            Backend.Provider.Name,
            Backend.Id,
            Backend.UpstreamModel,
            Credential?.Label,
            StartUs,
            FirstByte is { } first ? (long)_call.Time.GetElapsedTime(_started, first).TotalMicroseconds : null,
            _call.MicrosecondsSince(_started),
            Status,
            kind,
            Fault?.Mark));
    }

    private long StartUs => (long)_call.Time.GetElapsedTime(_call.Started, _started).TotalMicroseconds;

    // What fails fast must not look quick; what times out has taken at least that long.
    private void Measure(GatewayError? error)
    {
        if (error is not (null or { Kind: GatewayErrorKind.UpstreamTimeout }) || _call.Envelope.Operation == Operation.PassThrough)
        {
            return;
        }
        if (!_call.Envelope.Stream)
        {
            Backend.State.Duration.Observe(_call.MicrosecondsSince(_started) / 1000.0, _call.NowMs);
        }
        else if (error is not null && !_call.Committed)
        {
            Backend.State.FirstContent.Observe(_call.MicrosecondsSince(_started) / 1000.0, _call.NowMs);
        }
        else if (_call.Record.TimeToFirstTokenUs is { } content)
        {
            Backend.State.FirstContent.Observe(Math.Max(1, content - StartUs) / 1000.0, _call.NowMs);
        }
    }

    // Refused and limited credentials are set aside by themselves; the backend behind them may be well.
    private static CallOutcome OutcomeOf(GatewayError? error) => error?.Kind switch
    {
        null or GatewayErrorKind.UpstreamRefused => CallOutcome.Alive,
        GatewayErrorKind.UpstreamServerError or GatewayErrorKind.UpstreamTimeout or GatewayErrorKind.UpstreamConnection
            or GatewayErrorKind.UpstreamInvalidResponse or GatewayErrorKind.UpstreamStreamBroken => CallOutcome.Failed,
        _ => CallOutcome.Unknown,
    };
}
