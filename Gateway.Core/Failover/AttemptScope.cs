using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>One attempt while it runs; becomes an <see cref="AttemptRecord"/> when it is over.</summary>
internal sealed class AttemptScope
{
    private readonly Call _call;
    private readonly long _started;
    private bool _completed;

    public AttemptScope(Call call, Backend backend, CredentialDefinition? credential)
    {
        _call = call;
        _started = call.Time.GetTimestamp();
        Backend = backend;
        Credential = credential;
        call.Backend = backend;
        backend.State.Begin();
    }

    public Backend Backend { get; }
    public CredentialDefinition? Credential { get; }

    /// <summary>Timestamp of the answer's head.</summary>
    public long? FirstByte { get; set; }
    public int? Status { get; set; }

    /// <summary>Ends the attempt; the first call counts.</summary>
    public void Complete(GatewayError? error)
    {
        if (_completed)
        {
            return;
        }
        _completed = true;
        string? kind = error?.KindName;
        // A client that leaves, or asks for what cannot be, says nothing about the backend.
        bool backendFailed = error is not null and not { Kind: GatewayErrorKind.ClientClosed or GatewayErrorKind.UpstreamRefused };
        Backend.State.End(backendFailed ? kind : null, _call.Time.GetUtcNow());
        _call.Add(new AttemptRecord(
            Backend.Provider.Name,
            Backend.Id,
            Backend.UpstreamModel,
            Credential?.Label,
            (long)_call.Time.GetElapsedTime(_call.Started, _started).TotalMicroseconds,
            FirstByte is { } first ? (long)_call.Time.GetElapsedTime(_started, first).TotalMicroseconds : null,
            _call.MicrosecondsSince(_started),
            Status,
            kind));
    }
}
