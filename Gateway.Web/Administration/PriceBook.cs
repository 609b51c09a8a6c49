using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration;

/// <summary>The whole table of prices, and what is missing in it. Reading throws when the database cannot be reached.</summary>
internal sealed class PriceBook(PriceAdministration prices, UsageQueries usage, GatewayCatalog catalog, TimeProvider time)
{
    /// <summary>How far back calls without a price are looked for.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(30);

    /// <summary>The operators' prices and the built-in ones, ordered by model, own before built in, the newest first.</summary>
    public async Task<IReadOnlyList<PriceEntryView>> ListAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<PriceView> own = await prices.ListAsync(cancellationToken);
        PriceView[] ruling = [.. own.Where(p => StateOf(p, own, now) == PriceStates.InForce)];
        PriceView[] builtIn = [.. PriceTable.BuiltIn.Select(PriceAdministration.View)];
        return
        [
            .. own.Select(p => new PriceEntryView(p, false, StateOf(p, own, now)))
                .Concat(builtIn.Select(p => new PriceEntryView(p, true, ruling.Any(o => GoesBefore(o, p)) ? PriceStates.Replaced : StateOf(p, builtIn, now))))
                .OrderBy(e => e.Price.Model, StringComparer.Ordinal).ThenBy(e => e.BuiltIn).ThenByDescending(e => e.Price.EffectiveFrom).ThenBy(e => e.Price.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Upstream models whose calls of the last 30 days lack a cost because no price is known of them now, most calls first. Those of
    /// backends that are gone are left out.
    /// </summary>
    public async Task<IReadOnlyList<UnpricedModelView>> UnknownAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        var query = new UsageQuery { From = now - Window, To = now, GroupBy = UsageGrouping.Provider, ThenBy = UsageGrouping.Backend, Latency = false };
        UsageReport report = await usage.ReadAsync(query, cancellationToken);
        CatalogSnapshot snapshot = catalog.Current;
        return
        [
            .. report.Groups.Where(g => g.Sums.UnknownCost > 0)
                .Select(g => (Group: g, Provider: snapshot.FindProvider(g.Name)))
                .Where(g => g.Provider is not null)
                .Select(g => (g.Group.Sums, Provider: g.Provider!, Model: UpstreamModel(snapshot, g.Provider!, g.Group.Then)))
                .Where(g => g.Model is not null && snapshot.Prices.Find(g.Model, g.Provider, now) is null)
                .GroupBy(g => (Model: g.Model!, g.Provider.Name))
                .Select(g => new UnpricedModelView(g.Key.Model, g.Key.Name, g.Sum(c => c.Sums.UnknownCost), g.Sum(c => c.Sums.TotalTokens)))
                .OrderByDescending(u => u.Calls).ThenBy(u => u.Model, StringComparer.Ordinal),
        ];
    }

    // A backend that was made for one call is named after its provider and what the caller asked for.
    private static string? UpstreamModel(CatalogSnapshot snapshot, Provider provider, string backendId) =>
        snapshot.Backends.TryGetValue(backendId, out Backend? backend) ? backend.UpstreamModel
            : backendId.StartsWith(provider.Id + "/", StringComparison.Ordinal) ? backendId[(provider.Id.Length + 1)..] : null;

    private static string StateOf(PriceView price, IReadOnlyList<PriceView> among, DateTimeOffset now) =>
        price.EffectiveFrom > now ? PriceStates.Later
            : among.Any(p => p.Model == price.Model && IsSame(p.Provider, price.Provider) && p.EffectiveFrom > price.EffectiveFrom && p.EffectiveFrom <= now) ? PriceStates.Replaced
            : PriceStates.InForce;

    private static bool GoesBefore(PriceView own, PriceView builtIn) =>
        (own.Provider is null || IsSame(own.Provider, builtIn.Provider))
        && (own.Model.EndsWith('*') ? builtIn.Model.StartsWith(own.Model[..^1], StringComparison.Ordinal) : own.Model == builtIn.Model);

    private static bool IsSame(string? provider, string? other) => string.Equals(provider, other, StringComparison.OrdinalIgnoreCase);
}
