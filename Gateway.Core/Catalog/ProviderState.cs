using System.Collections.Concurrent;
using Gateway.Core.Health;
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

    private int _inFlight;

    /// <summary>Calls to all of its backends.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>What active checks have shown.</summary>
    public CheckStatus Check { get; } = new();

    /// <summary>What repeated calls are paid from.</summary>
    public RetryBudget Retries { get; } = new();

    /// <summary>Takes a place; false when <paramref name="most"/> (0 is any number) are taken.</summary>
    public bool TryBegin(int most)
    {
        if (Interlocked.Increment(ref _inFlight) > most && most > 0)
        {
            Interlocked.Decrement(ref _inFlight);
            return false;
        }
        return true;
    }

    public void Release() => Interlocked.Decrement(ref _inFlight);
}
