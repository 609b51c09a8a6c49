using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Routing;
using Gateway.Web.Cluster;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration;

/// <summary>How the backends stand on this node: what traffic and checks have shown. Reading touches no database.</summary>
internal sealed class HealthAdministration(GatewayCatalog catalog, AdministrationDatabase database, TimeProvider time, SharedHealth? others = null)
{
    private const int MostSeconds = 86_400;

    /// <summary>All backends, by provider and then by upstream model.</summary>
    public IReadOnlyList<HealthView> List()
    {
        CatalogSnapshot snapshot = catalog.Current;
        ILookup<string, string> models = snapshot.Definition.Models.SelectMany(m => m.Backends.Select(b => (b.Id, m.Name))).ToLookup(p => p.Id, p => p.Name);
        return [.. snapshot.Backends.Values
            .OrderBy(b => b.Provider.Name, StringComparer.Ordinal).ThenBy(b => b.UpstreamModel, StringComparer.Ordinal).ThenBy(b => b.Id, StringComparer.Ordinal)
            .Select(b => View(b, models[b.Id].FirstOrDefault()))];
    }

    /// <summary>Closes a backend's circuit: calls go there at once. On all nodes that share a Redis, else on this one.</summary>
    public Task<AdministrationResult<HealthView>> CloseCircuitAsync(HealthOverride change, Actor actor, CancellationToken cancellationToken) =>
        OverrideAsync("health.close", change, actor, (backend, now) =>
        {
            backend.State.Breaker.CloseByHand(now);
            others?.TellClosed(backend.Id);
        }, cancellationToken);

    /// <summary>Opens a backend's circuit for a time, whatever calls and checks show. On all nodes that share a Redis, else on this one.</summary>
    public Task<AdministrationResult<HealthView>> SetAsideAsync(HealthOverride change, Actor actor, CancellationToken cancellationToken) =>
        change.Seconds is null or (>= 1 and <= MostSeconds)
            ? OverrideAsync("health.set_aside", change, actor, (backend, now) =>
            {
                var pause = TimeSpan.FromSeconds(change.Seconds ?? 300);
                backend.State.Breaker.SetAside(now, pause);
                others?.TellSetAside(backend.Id, pause);
            }, cancellationToken)
            : Task.FromResult<AdministrationResult<HealthView>>(AdministrationFailure.Invalid("seconds", $"1 to {MostSeconds}; to keep calls away for good, drain the backend."));

    // Nothing is done that the audit log could not take down.
    private async Task<AdministrationResult<HealthView>> OverrideAsync(
        string action, HealthOverride change, Actor actor, Action<Backend, long> act, CancellationToken cancellationToken)
    {
        if (actor.Teams is not null)
        {
            return AdministrationFailure.Forbidden;
        }
        if (change.Backend is null || !catalog.Current.Backends.TryGetValue(change.Backend, out Backend? backend))
        {
            return AdministrationFailure.Invalid("backend", $"There is no backend with the id \"{change.Backend}\".");
        }
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            // Ids of backends that files declare can be longer than the log's column.
            string id = backend.Id.Length <= 64 ? backend.Id : backend.Id[..64];
            context.Audit.Add(AuditLog.NewRow(actor, new AuditNote(action, id, $"{backend.Provider.Name} {backend.UpstreamModel}", null, change), time.GetUtcNow()));
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return AdministrationFailure.Unavailable;
        }
        act(backend, (long)time.GetElapsedTime(0).TotalMilliseconds);
        return List().First(v => v.Backend == backend.Id);
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
