using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Web.Cluster;
using Gateway.Web.Storage;

namespace Gateway.Web.Administration;

/// <summary>
/// Switches faults on and off, on all nodes that share a Redis, else on this one. Nothing is switched on that the audit log could not take down.
/// </summary>
internal sealed class ChaosAdministration(ChaosSwitch chaos, GatewayCatalog catalog, AdministrationDatabase database, TimeProvider time, SharedFaults? others = null)
{
    private const string What = "fault";
    private const int MostSeconds = 3600;
    private const long MostDelayMs = 600_000;

    public IReadOnlyList<ChaosView> List() => [.. chaos.Active.Select(View)];

    public async Task<AdministrationResult<ChaosView>> StartAsync(ChaosChange change, Actor actor, CancellationToken cancellationToken)
    {
        if (Problems(change) is { Count: > 0 } problems)
        {
            return AdministrationFailure.Invalid(problems);
        }
        FaultKind kind = FaultKinds.TryParse(change.Fault, out FaultKind named) ? named : default;
        DateTimeOffset now = time.GetUtcNow();
        var fault = new Fault
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Kind = kind,
            Provider = change.Provider,
            Backend = change.Backend,
            Keys = change.Keys ?? [],
            Rate = change.Rate ?? 1,
            Delay = TimeSpan.FromMilliseconds(change.DelayMs ?? 2000),
            Since = now,
            Until = now.AddSeconds(change.Seconds ?? 300),
            By = actor.Name,
        };
        ChaosView view = View(fault);
        if (!await AuditAsync(actor, new AuditNote("chaos.start", fault.Id, view.Fault, null, view), cancellationToken))
        {
            return AdministrationFailure.Unavailable;
        }
        if (!chaos.TryAdd(fault))
        {
            return AdministrationFailure.Invalid("", "Too many faults are on; end some first.");
        }
        others?.TellBegun(fault);
        return view;
    }

    /// <summary>Ends one at once, whether or not the audit log can take it down.</summary>
    public async Task<AdministrationResult<ChaosView>> StopAsync(string id, Actor actor, CancellationToken cancellationToken)
    {
        if (chaos.Remove(id) is not { } removed)
        {
            return AdministrationFailure.NotFound(What, id);
        }
        others?.TellEnded(id);
        ChaosView view = View(removed);
        await AuditAsync(actor, new AuditNote("chaos.stop", removed.Id, view.Fault, view, null), cancellationToken);
        return view;
    }

    /// <summary>Ends all.</summary>
    public async Task StopAllAsync(Actor actor, CancellationToken cancellationToken)
    {
        foreach (Fault fault in chaos.Active)
        {
            await StopAsync(fault.Id, actor, cancellationToken);
        }
    }

    private List<CatalogError> Problems(ChaosChange change)
    {
        var problems = new List<CatalogError>();
        void Check(bool fits, string path, string message)
        {
            if (!fits)
            {
                problems.Add(new CatalogError(path, message));
            }
        }
        CatalogSnapshot snapshot = catalog.Current;
        Check(FaultKinds.TryParse(change.Fault, out _), "fault", $"One of {string.Join(", ", FaultKinds.All)}.");
        Check((change.Provider is null) != (change.Backend is null), "provider", "Name a provider or a backend, not both.");
        Check(change.Provider is null || snapshot.Providers.ContainsKey(change.Provider), "provider", $"There is no provider named \"{change.Provider}\".");
        Check(change.Backend is null || snapshot.Backends.ContainsKey(change.Backend), "backend", $"There is no backend with the id \"{change.Backend}\".");
        Check(change.Rate is null or (> 0 and <= 1), "rate", "More than 0, and at most 1.");
        Check(change.DelayMs is null or (>= 1 and <= MostDelayMs), "delay_ms", $"1 to {MostDelayMs} milliseconds.");
        Check(change.Seconds is null or (>= 1 and <= MostSeconds), "seconds", $"1 to {MostSeconds}: a fault ends by itself within the hour.");
        HashSet<string> keys = [.. snapshot.Keys.Values.Concat(snapshot.Tokens.Values).Select(k => k.Id)];
        Check(change.Keys is null || change.Keys.All(k => k is not null && keys.Contains(k)), "keys", "Ids of keys that there are.");
        return problems;
    }

    private async Task<bool> AuditAsync(Actor actor, AuditNote note, CancellationToken cancellationToken)
    {
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            context.Audit.Add(AuditLog.NewRow(actor, note, time.GetUtcNow()));
            await context.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return false;
        }
    }

    private static ChaosView View(Fault fault) => new()
    {
        Id = fault.Id,
        Fault = fault.Kind.ToName(),
        Provider = fault.Provider,
        Backend = fault.Backend,
        Keys = fault.Keys,
        Rate = fault.Rate,
        DelayMs = (long)fault.Delay.TotalMilliseconds,
        Since = fault.Since,
        Until = fault.Until,
        By = fault.By,
    };
}
