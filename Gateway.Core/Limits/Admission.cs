using Gateway.Core.Catalog;

namespace Gateway.Core.Limits;

/// <summary>What an admitted call holds of its key's limits; give it back with <see cref="Settle"/>, once.</summary>
public struct Admission
{
    private SlidingWindow? _window;
    private long _reserved;

    public LimitDecision Decision { get; private set; }

    /// <summary>Asks the key's limits for a place. A key without limits is let through without touching anything.</summary>
    public static Admission Request(ApiKey key, GatewayOptions options, long nowMs, long tokens)
    {
        int rpm = key.RpmLimit ?? options.DefaultRpm;
        int tpm = key.TpmLimit ?? options.DefaultTpm;
        if (rpm == 0 && tpm == 0)
        {
            return default;
        }
        long reserve = tpm == 0 ? 0 : tokens;
        LimitDecision decision = key.State.Window.TryAdmit(nowMs, rpm, tpm, reserve);
        return new Admission
        {
            Decision = decision,
            _window = decision.Admitted ? key.State.Window : null,
            _reserved = reserve,
        };
    }

    /// <summary>The state of a key's limits, for the headers of an answer that takes no place; all zero where there are none.</summary>
    public static LimitDecision Peek(ApiKey key, GatewayOptions options, long nowMs)
    {
        int rpm = key.RpmLimit ?? options.DefaultRpm;
        int tpm = key.TpmLimit ?? options.DefaultTpm;
        return rpm == 0 && tpm == 0 ? default : key.State.Window.Peek(nowMs, rpm, tpm);
    }

    /// <summary>Releases the reservation and counts what was used. Does nothing when called again.</summary>
    public void Settle(long nowMs, long usedTokens)
    {
        SlidingWindow? window = _window;
        _window = null;
        window?.Settle(nowMs, _reserved, usedTokens);
    }
}
