using Gateway.Core.Catalog;
using Gateway.Web.Cluster;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration;

/// <summary>How the backends stand: what traffic and checks have shown. Reading touches no database.</summary>
/// <param name="nodes">Null where this node is alone.</param>
internal sealed class HealthAdministration(
    GatewayCatalog catalog, AdministrationDatabase database, TimeProvider time, SharedHealth? others = null, SharedBackends? nodes = null)
{
    private const int MostSeconds = 86_400;

    /// <summary>Whether other nodes' views are shown, too.</summary>
    public bool IsShared => nodes is not null;

    /// <summary>All backends on this node and on those that share a Redis with it; by provider and then by upstream model.</summary>
    public async Task<IReadOnlyList<HealthView>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<HealthView> here = List();
        if (nodes is null)
        {
            return here;
        }
        ILookup<string, NodeHealthView> elsewhere = (await nodes.ListAsync(cancellationToken)).ToLookup(n => n.Backend, StringComparer.Ordinal);
        return [.. here.Select(h => h with
        {
            Nodes = [.. elsewhere[h.Backend].Append(new NodeHealthView(nodes.Node, h)).Where(n => n.HasCalled).OrderBy(n => n.Node, StringComparer.Ordinal)],
        })];
    }

    /// <summary>The same, by the backends' ids.</summary>
    public async Task<IReadOnlyDictionary<string, HealthView>> ByBackendAsync(CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).ToDictionary(b => b.Backend, StringComparer.Ordinal);

    /// <summary>All backends on this node, by provider and then by upstream model.</summary>
    public IReadOnlyList<HealthView> List()
    {
        CatalogSnapshot snapshot = catalog.Current;
        ILookup<string, string> models = snapshot.Definition.Models.SelectMany(m => m.Backends.Select(b => (b.Id, m.Name))).ToLookup(p => p.Id, p => p.Name);
        return [.. snapshot.Backends.Values
            .OrderBy(b => b.Provider.Name, StringComparer.Ordinal).ThenBy(b => b.UpstreamModel, StringComparer.Ordinal).ThenBy(b => b.Id, StringComparer.Ordinal)
            .Select(b => HealthView.Of(b, models[b.Id].FirstOrDefault(), time))];
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
            return AdministrationFailure.UnavailableBecause(e);
        }
        act(backend, (long)time.GetElapsedTime(0).TotalMilliseconds);
        return List().First(v => v.Backend == backend.Id);
    }
}
