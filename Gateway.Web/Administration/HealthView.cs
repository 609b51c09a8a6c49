using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Routing;

namespace Gateway.Web.Administration;

/// <summary>How a backend stands on this node, as pages and the admin API show it.</summary>
public sealed record HealthView : HealthFacts
{
    /// <summary>The public name of a model that lists it; null where a route made it.</summary>
    public string? Model { get; init; }
    public required string Provider { get; init; }
    public required string UpstreamModel { get; init; }

    /// <summary>Mean time to the first content of streams, in milliseconds; null while unknown.</summary>
    public double? FirstContentMs { get; init; }

    /// <summary>Mean time of answers that are not streamed, in milliseconds; null while unknown.</summary>
    public double? DurationMs { get; init; }

    /// <summary>Of its provider; null where none is made.</summary>
    public HealthCheckView? LastCheck { get; init; }

    /// <summary>On each node that has called it, where several share a Redis; else null. All else here is this node's.</summary>
    public IReadOnlyList<NodeHealthView>? Nodes { get; init; }

    /// <param name="model">The public name of a model that lists it.</param>
    internal static HealthView Of(Backend backend, string? model, TimeProvider time)
    {
        long now = (long)time.GetElapsedTime(0).TotalMilliseconds;
        BackendState state = backend.State;
        CheckStatus check = backend.Provider.State.Check;
        return new HealthView
        {
            Backend = backend.Id,
            Model = model,
            Provider = backend.Provider.Name,
            UpstreamModel = backend.UpstreamModel,
            State = BackendHealth.Of(backend, now).ToName(),
            Breaker = state.Breaker.StateAt(now).ToName(),
            Since = state.Breaker.ChangedMs is > 0 and var changed ? time.GetUtcNow() - TimeSpan.FromMilliseconds(now - changed) : null,
            RetryAfterMs = state.Breaker.WaitMs(now),
            FailuresInRow = state.Breaker.FailuresInRow,
            InFlight = state.InFlight,
            Successes = state.Successes,
            Failures = state.Failures,
            FirstContentMs = Known(state.FirstContent),
            DurationMs = Known(state.Duration),
            LastFailure = state.LastFailure is { } failure ? new HealthFailure(failure.Kind, failure.At) : null,
            LastCheck = check.Last is { } last ? new HealthCheckView(last.Ok, check.IsDown, last.At, last.LatencyMs, last.Message) : null,
        };
    }

    private static double? Known(LatencyEstimate estimate) => estimate.MeanMs is > 0 and var mean ? Math.Round(mean, 1) : null;
}

/// <param name="Kind">A name of the error vocabulary, such as <c>upstream_timeout</c>.</param>
public sealed record HealthFailure(string Kind, DateTimeOffset At);

/// <param name="Down">It failed so often that no calls are sent there.</param>
public sealed record HealthCheckView(bool Ok, bool Down, DateTimeOffset At, double LatencyMs, string Message);

/// <summary>What somebody decides about a backend's circuit.</summary>
internal sealed record HealthOverride
{
    /// <summary>The backend's id.</summary>
    public string? Backend { get; init; }

    /// <summary>For how long it is set aside: 1 to 86400; 300 by default.</summary>
    public int? Seconds { get; init; }
}
