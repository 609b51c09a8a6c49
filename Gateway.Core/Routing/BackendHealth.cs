using Gateway.Core.Catalog;
using Gateway.Core.Health;

namespace Gateway.Core.Routing;

/// <summary>How a backend stands, in one word.</summary>
public enum BackendHealth
{
    /// <summary>Nobody called it yet.</summary>
    Unknown,
    Ok,

    /// <summary>Its circuit is half open: one call at a time finds out.</summary>
    Recovering,

    /// <summary>Its circuit is open, its provider's check fails, or its last call failed.</summary>
    Failing,

    /// <summary>It has as many calls in flight as it may.</summary>
    Full,

    /// <summary>It takes no new calls.</summary>
    Draining,

    /// <summary>It is switched off.</summary>
    Off,
}

/// <summary>Reading <see cref="BackendHealth"/> from a backend's state.</summary>
public static class BackendHealths
{
    private static readonly string[] Names = ["unknown", "ok", "recovering", "failing", "full", "draining", "off"];

    extension(BackendHealth)
    {
        public static BackendHealth Of(Backend backend, long nowMs)
        {
            BreakerState breaker = backend.State.Breaker.StateAt(nowMs);
            return !backend.Active || !backend.Provider.Active ? BackendHealth.Off
                : backend.IsDraining ? BackendHealth.Draining
                : breaker == BreakerState.Open || backend.Provider.State.Check.IsDown ? BackendHealth.Failing
                : breaker == BreakerState.HalfOpen ? BackendHealth.Recovering
                : BackendPicker.IsFull(backend) ? BackendHealth.Full
                : backend.State.LastWasSuccess switch { true => BackendHealth.Ok, false => BackendHealth.Failing, null => BackendHealth.Unknown };
        }
    }

    public static string ToName(this BackendHealth health) => Names[(int)health];
}
