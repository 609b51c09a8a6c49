using Gateway.Core.Catalog;

namespace Gateway.Core.Limits;

/// <summary>What an admitted call holds of the limits that it is under; give it back with <see cref="Settle"/>, once.</summary>
public struct Admission
{
    private ILimitStore? _store;
    private LimitLease? _lease;

    public LimitDecision Decision { get; private set; }

    /// <summary>What is held; null where nothing limits the call, or it was refused.</summary>
    public readonly LimitLease? Lease => _lease;

    /// <summary>Asks for a place. A call without a lease is let through without touching anything.</summary>
    public static async ValueTask<Admission> RequestAsync(ILimitStore store, LimitLease? lease, CancellationToken cancellationToken)
    {
        if (lease is null)
        {
            return default;
        }
        LimitDecision decision = await store.ReserveAsync(lease, cancellationToken);
        return new Admission
        {
            Decision = decision,
            _store = store,
            _lease = decision.Admitted ? lease : null,
        };
    }

    /// <summary>The state of a key's limits, for the headers of an answer that takes no place; all zero where there are none.</summary>
    public static LimitDecision Peek(ILimitStore store, ApiKey key, GatewayOptions options, DateTimeOffset now) =>
        LeaseFor(key, null, options, Guid.Empty, now) is { } lease ? store.Peek(lease) : default;

    /// <summary>The limits that a call of this key is under; null when there are none.</summary>
    /// <param name="model">Null when the call is for none.</param>
    public static LimitLease? LeaseFor(ApiKey key, Model? model, GatewayOptions options, Guid id, DateTimeOffset now)
    {
        LimitScope[] scopes = model?.Limits is { } limits ? [.. key.Scopes, limits] : key.Scopes;
        return scopes.Length == 0 ? null : new LimitLease
        {
            Id = id,
            Scopes = scopes,
            DefaultRpm = options.DefaultRpm,
            DefaultTpm = options.DefaultTpm,
            StartedAt = now,
            Deadline = now + options.TotalTimeout,
        };
    }

    /// <summary>Holds more than was reserved, when a running call uses more.</summary>
    public readonly void Extend(long tokens, NanoUsd money)
    {
        if (_lease is not null)
        {
            _store!.Extend(_lease, tokens, money);
        }
    }

    /// <summary>Gives everything back and counts what was used. Does nothing when called again.</summary>
    public void Settle(long usedTokens, NanoUsd cost)
    {
        if (_lease is not null)
        {
            _store!.Settle(_lease, usedTokens, cost);
            _lease = null;
        }
    }
}
