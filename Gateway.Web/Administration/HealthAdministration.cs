using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Routing;

namespace Gateway.Web.Administration;

/// <summary>How the backends stand on this node: what traffic and checks have shown. Touches no database.</summary>
internal sealed class HealthAdministration(GatewayCatalog catalog, TimeProvider time)
{
    /// <summary>All backends, by provider and then by upstream model.</summary>
    public IReadOnlyList<HealthView> List()
    {
        CatalogSnapshot snapshot = catalog.Current;
        ILookup<string, string> models = snapshot.Definition.Models.SelectMany(m => m.Backends.Select(b => (b.Id, m.Name))).ToLookup(p => p.Id, p => p.Name);
        return [.. snapshot.Backends.Values
            .OrderBy(b => b.Provider.Name, StringComparer.Ordinal).ThenBy(b => b.UpstreamModel, StringComparer.Ordinal).ThenBy(b => b.Id, StringComparer.Ordinal)
            .Select(b => View(b, models[b.Id].FirstOrDefault()))];
    }

    private HealthView View(Backend backend, string? model)
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
