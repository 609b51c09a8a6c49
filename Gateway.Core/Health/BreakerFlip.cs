namespace Gateway.Core.Health;

/// <summary>A change of a circuit's state.</summary>
/// <param name="Number">Counts from 1 and leaves none out.</param>
/// <param name="AtMs">On the breaker's clock.</param>
/// <param name="Cause">For people.</param>
/// <param name="Witness">Who brought it about.</param>
public sealed record BreakerFlip(int Number, BreakerState To, long AtMs, string Cause, BreakerWitness Witness);

/// <summary>Who brought about a change of a circuit's state.</summary>
public enum BreakerWitness
{
    /// <summary>Calls of this process.</summary>
    Calls,

    /// <summary>Somebody who decided it.</summary>
    Operator,

    /// <summary>Calls of another node.</summary>
    Node,
}
