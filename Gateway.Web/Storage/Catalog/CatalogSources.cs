using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Configuration;

namespace Gateway.Web.Storage.Catalog;

/// <summary>
/// The two declarations that make up the catalog, from files and from the database, and the only place that puts them
/// together. Safe for concurrent use. Ten thousand keys are tens of milliseconds' work, which is not done on the pool's threads.
/// </summary>
internal sealed partial class CatalogSources(GatewayCatalog catalog, ILogger<CatalogSources> logger)
{
    private readonly Lock _changing = new();
    private CatalogDefinition _file = new();
    private DatabaseCatalog _database = DatabaseCatalog.Unread;
    private ProviderWeights _weights = ProviderWeights.None;
    private string _warnedOf = "";

    public CatalogDefinition File => Volatile.Read(ref _file);

    public DatabaseCatalog Database => Volatile.Read(ref _database);

    /// <summary>Checks what files declare, together with the database's part, and puts it in force, on the thread that asks.</summary>
    /// <param name="weights">Hold for both parts.</param>
    /// <returns>Everything that is wrong; then nothing was changed.</returns>
    public IReadOnlyList<CatalogError> ReplaceFile(CatalogDefinition file, ProviderWeights weights)
    {
        lock (_changing)
        {
            IReadOnlyList<CatalogError> errors = catalog.Replace(weights.Apply(Merge(file, _database.Definition)));
            if (errors.Count == 0)
            {
                Volatile.Write(ref _file, file);
                Volatile.Write(ref _weights, weights);
                WarnOfUnknownProviders();
            }
            return errors;
        }
    }

    /// <summary>Checks what the database declares, together with the files' part, and puts it in force.</summary>
    /// <param name="unlessChangedFrom">When given and no longer in force, nothing is done: somebody else was quicker.</param>
    /// <returns>Everything that is wrong; then nothing was changed.</returns>
    public Task<IReadOnlyList<CatalogError>> ReplaceDatabaseAsync(DatabaseCatalog database, DatabaseCatalog? unlessChangedFrom = null) =>
        OffPool.RunAsync("Catalog", () => ReplaceDatabase(database, unlessChangedFrom), CancellationToken.None);

    /// <summary>
    /// For the first read after a start: entries of the database that do not fit any more (a file that they refer to has
    /// changed) are left out and logged, since there is no older state to stay with.
    /// </summary>
    public async Task ReplaceDatabaseLeavingOutInvalidAsync(DatabaseCatalog database)
    {
        CatalogDefinition definition = database.Definition;
        while (true)
        {
            IReadOnlyList<CatalogError> errors = await ReplaceDatabaseAsync(database with { Definition = definition });
            if (errors.Count == 0)
            {
                return;
            }
            foreach (CatalogError error in errors)
            {
                LogLeftOut(error.Path, error.Message);
            }
            CatalogDefinition fewer = Without(definition, errors);
            if (Count(fewer) == Count(definition))
            {
                // Nothing of ours is at fault; the files' part stays in force alone.
                return;
            }
            definition = fewer;
        }
    }

    /// <summary>What would be wrong with the catalog if the database declared this.</summary>
    public Task<IReadOnlyList<CatalogError>> CheckAsync(CatalogDefinition database, CancellationToken cancellationToken) =>
        OffPool.RunAsync("Catalog", () => CatalogSnapshot.Build(Weighted(With(database)), catalog.Current, out _), cancellationToken);

    /// <summary>The whole catalog if the database declared this: with what files declare.</summary>
    public CatalogDefinition With(CatalogDefinition database) => Merge(File, database);

    /// <summary>As calls would see it: with the weights that a setting gives to providers.</summary>
    public CatalogDefinition Weighted(CatalogDefinition whole) => Volatile.Read(ref _weights).Apply(whole);

    /// <summary>The same of rows, with secrets in their encrypted form.</summary>
    public CatalogDefinition Whole(Administration.Configuration.CatalogRows rows) => With(rows.ToDefinition());

    private IReadOnlyList<CatalogError> ReplaceDatabase(DatabaseCatalog database, DatabaseCatalog? unlessChangedFrom)
    {
        lock (_changing)
        {
            if (unlessChangedFrom is not null && !ReferenceEquals(unlessChangedFrom, _database))
            {
                return [];
            }
            IReadOnlyList<CatalogError> errors = catalog.Replace(_weights.Apply(Merge(_file, database.Definition)));
            if (errors.Count == 0)
            {
                Volatile.Write(ref _database, database);
                WarnOfUnknownProviders();
            }
            return errors;
        }
    }

    // Before the database is read nobody knows what providers there are.
    private void WarnOfUnknownProviders()
    {
        if (ReferenceEquals(_database, DatabaseCatalog.Unread))
        {
            return;
        }
        CatalogDefinition whole = Merge(_file, _database.Definition);
        string unknown = string.Join(", ", _weights.UnknownTo(whole));
        if (unknown.Length > 0 && unknown != _warnedOf)
        {
            LogUnknownProviders(unknown, whole.Providers.Count == 0 ? "none" : string.Join(", ", whole.Providers.Select(p => p.Name).Order(StringComparer.Ordinal)));
        }
        _warnedOf = unknown;
    }

    /// <summary>A name that both declare is the file's: what operators cannot edit must not be shadowed by what they can.</summary>
    private static CatalogDefinition Merge(CatalogDefinition file, CatalogDefinition database) => new()
    {
        Providers = [.. file.Providers, .. database.Providers.ExceptBy(file.Providers.Select(p => p.Name), p => p.Name)],
        Models = [.. file.Models, .. database.Models.ExceptBy(file.Models.Select(m => m.Name), m => m.Name)],
        Routes = [.. file.Routes, .. database.Routes.ExceptBy(file.Routes.Select(r => r.Name), r => r.Name)],
        Keys = [.. file.Keys, .. database.Keys.ExceptBy(file.Keys.Select(k => k.Hash), k => k.Hash)],
        RevokedKeys = database.RevokedKeys,
        Teams = [.. file.Teams, .. database.Teams.ExceptBy(file.Teams.Select(t => t.Name), t => t.Name)],
        Limits = [.. file.Limits, .. database.Limits],
        Budgets = [.. file.Budgets, .. database.Budgets.ExceptBy(file.Budgets.Select(b => b.Name), b => b.Name)],
        Prices = [.. file.Prices, .. database.Prices],
    };

    private static CatalogDefinition Without(CatalogDefinition all, IReadOnlyList<CatalogError> errors)
    {
        bool AtFault(string list, string name) => errors.Any(e => e.Path.StartsWith($"{list}[{name}]", StringComparison.Ordinal));
        return new CatalogDefinition
        {
            Providers = [.. all.Providers.Where(p => !AtFault("providers", p.Name))],
            Models = [.. all.Models.Where(m => !AtFault("models", m.Name) && !m.Aliases.Any(a => AtFault("models", a)))],
            Routes = [.. all.Routes.Where(r => !AtFault("routes", r.Name))],
            Keys = [.. all.Keys.Where(k => !AtFault("keys", k.Name) && !AtFault("keys", k.Id))],
            RevokedKeys = all.RevokedKeys,
            Teams = [.. all.Teams.Where(t => !AtFault("teams", t.Name))],
            Limits = [.. all.Limits.Where(l => !AtFault("limits", $"{l.Scope.ToName()}/{l.Of}"))],
            Budgets = [.. all.Budgets.Where(b => !AtFault("budgets", b.Name))],
            Prices = [.. all.Prices.Where(p => !AtFault("prices", p.Model))],
        };
    }

    private static int Count(CatalogDefinition d) =>
        d.Providers.Count + d.Models.Count + d.Routes.Count + d.Keys.Count + d.Teams.Count + d.Limits.Count + d.Budgets.Count + d.Prices.Count;

    [LoggerMessage(Level = LogLevel.Error, Message = "An entry of the database is left out of the catalog: {Path}: {Reason}")]
    private partial void LogLeftOut(string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PROVIDER_WEIGHTS (Gateway:Upstreams:Weights) gives a weight to {Providers}, but there is no provider of that name: it has no effect. The providers that there are: {Known}")]
    private partial void LogUnknownProviders(string providers, string known);
}
