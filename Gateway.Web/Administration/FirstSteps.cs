using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration;

/// <summary>How far an installation has come; what the first start brings along to try things with does not count.</summary>
/// <param name="Provider">One that is not simulated.</param>
/// <param name="Model">One with a backend of such a provider.</param>
/// <param name="Key">Beside the first start's own.</param>
/// <param name="Call">One that such a provider answered.</param>
public sealed record FirstStepsView(bool Provider, bool Model, bool Key, bool Call)
{
    public bool AreDone => this is { Provider: true, Model: true, Key: true, Call: true };
}

/// <summary>Reads what of the first steps is done. Reading throws when the database cannot be reached.</summary>
internal sealed class FirstSteps(AdministrationDatabase database, GatewayCatalog catalog)
{
    private volatile bool _called;

    public async Task<FirstStepsView> ReadAsync(CancellationToken cancellationToken)
    {
        CatalogDefinition all = catalog.Current.Definition;
        HashSet<string> simulated = [.. all.Providers.Where(p => p.Kind == ProviderKind.Simulated).Select(p => p.Name)];
        // A call stays made.
        _called = _called || await AnyCallAsync([.. simulated], cancellationToken);
        return new FirstStepsView(
            all.Providers.Any(p => p.Kind != ProviderKind.Simulated),
            all.Models.Any(m => m.Backends.Any(b => b.Provider is null || !simulated.Contains(b.Provider))),
            all.Keys.Any(k => k.Name != DemonstrationCatalog.KeyName),
            _called);
    }

    // The days are few rows, however many the calls.
    private async Task<bool> AnyCallAsync(string[] simulated, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        return await context.UsageRollups.AnyAsync(r => r.Resolution == RollupResolution.Day && r.Provider != "" && !simulated.Contains(r.Provider) && r.Requests > r.Errors, cancellationToken);
    }
}
