using Gateway.Core.Accounting;
using Gateway.Core.Health;
using Gateway.Core.Relay;

namespace Gateway.Core.Routing.Policies;

/// <summary>What a policy may know of the request and of the moment.</summary>
public readonly struct RoutingContext
{
    /// <summary>On the clock of the backends' states.</summary>
    public required long NowMs { get; init; }
    public required DateTimeOffset Now { get; init; }
    public required PriceTable Prices { get; init; }
    public required BreakerSettings Breaker { get; init; }

    /// <summary>Locked while it is used.</summary>
    public required Random Random { get; init; }

    /// <summary>Null where no body was read.</summary>
    public RequestEnvelope? Envelope { get; init; }

    /// <summary>The answer is to be streamed.</summary>
    public bool Stream => Envelope?.Stream ?? false;

    /// <summary>0 to less than 1.</summary>
    public double NextDouble()
    {
        lock (Random)
        {
            return Random.NextDouble();
        }
    }
}
