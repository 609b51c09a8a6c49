using Gateway.Core.Accounting;

namespace Gateway.Core.Relay;

/// <summary>What a capability's answer, or one event of it, says that the gateway needs; positions are within its JSON.</summary>
internal struct CapabilityFacts
{
    /// <summary>The value of the top-level <c>model</c>, quotes included.</summary>
    public Slice Model;

    /// <summary>The value of a top-level <c>error</c> that is not null.</summary>
    public Slice Error;

    /// <summary>There were token counts.</summary>
    public bool HasUsage;
    public Usage Usage;

    /// <summary>Seconds, searches: what is billed instead of tokens; null if nothing was said.</summary>
    public BilledUnits? Units;

    /// <summary>Something of what was asked for is in it.</summary>
    public bool HasResult;

    /// <summary>An event that says of itself that it ends its answer: <c>….done</c> or <c>….completed</c>.</summary>
    public bool IsLast;

    /// <summary>An event that says of itself that it is an error: <c>error</c> or <c>….failed</c>.</summary>
    public bool IsErrorItself;
}
