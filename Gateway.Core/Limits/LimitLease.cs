using Gateway.Core.Catalog;

namespace Gateway.Core.Limits;

/// <summary>
/// What one call asks of its scopes and, once it is admitted, holds of them. Made for each call that anything limits; used by
/// one task at a time.
/// </summary>
public sealed class LimitLease
{
    /// <summary>Unique over all nodes.</summary>
    public required Guid Id { get; init; }

    /// <summary>Narrowest first; each limits something.</summary>
    public required LimitScope[] Scopes { get; init; }

    /// <summary>Stands in for the requests per minute of a scope that sets none; 0 is unlimited.</summary>
    public int DefaultRpm { get; init; }

    /// <summary>Stands in for the tokens per minute of a scope that sets none; 0 is unlimited.</summary>
    public int DefaultTpm { get; init; }

    /// <summary>Tokens that the call is estimated to use at most. Grows when more is used than was reserved.</summary>
    public long Tokens { get; set; }

    /// <summary>What the call is estimated to cost at most; zero where the price is not known. Grows likewise.</summary>
    public NanoUsd Money { get; set; }

    /// <summary>When the call arrived: what it costs belongs to the budget windows that held this instant.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>A lease that nobody has ended or made longer by then has lost its node.</summary>
    public required DateTimeOffset Deadline { get; set; }

    /// <summary>When it was admitted, on the local store's clock; owned by that store.</summary>
    internal long AdmittedMs { get; set; }

    /// <summary>Set by the store with the first end, so that the second does nothing.</summary>
    public bool Ended { get; set; }

    public int RpmOf(LimitScope scope) => scope.Rpm ?? DefaultRpm;

    public int TpmOf(LimitScope scope) => scope.Tpm ?? DefaultTpm;
}
