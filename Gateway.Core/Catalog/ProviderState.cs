using System.Collections.Concurrent;
using Gateway.Core.Routing;

namespace Gateway.Core.Catalog;

/// <summary>Runtime facts of a provider; survives catalog changes.</summary>
public sealed class ProviderState
{
    /// <summary>The provider's client, kept by its adapter while <see cref="Provider.ClientVersion"/> stays the same.</summary>
    public object? Client;

    /// <summary>State of backends that no model lists (a pinned provider, a step without a model), by upstream model.</summary>
    public ConcurrentDictionary<string, BackendState> OtherBackends { get; } = new();

    /// <summary>Counts calls, to rotate credentials.</summary>
    public int Rotation;
}
