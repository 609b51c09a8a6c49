using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>What a team, model, provider or the whole gateway may use, and uses now on this node.</summary>
public sealed record LimitView
{
    /// <summary>One of <c>team, model, provider, gateway</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The id; empty for the gateway.</summary>
    public required string Of { get; init; }
    public required string Name { get; init; }

    /// <summary>0 is unlimited; so are the others.</summary>
    public int RpmLimit { get; init; }
    public int TpmLimit { get; init; }
    public int MaxParallel { get; init; }
    public EntrySource Source { get; init; }
}

/// <summary>What to set of a scope's limits; null is unlimited.</summary>
internal sealed record LimitChange
{
    public Optional<int?> RpmLimit { get; init; }
    public Optional<int?> TpmLimit { get; init; }
    public Optional<int?> MaxParallel { get; init; }
}
