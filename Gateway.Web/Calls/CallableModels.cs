using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Forwarding;
using Gateway.Core.Routing;

namespace Gateway.Web.Calls;

/// <summary>What a key may call: models of the catalog, and beside them the names that the default provider takes.</summary>
internal sealed class CallableModels(UpstreamModels upstream)
{
    /// <summary>Those of the catalog.</summary>
    public static IEnumerable<Model> Of(CatalogSnapshot snapshot, GatewayOptions options, ApiKey key) =>
        snapshot.Models.Where(m => RoutePlanner.IsAllowed(options, key, m));

    /// <summary>Names that the catalog has not.</summary>
    /// <param name="patience">How long the default provider is waited for; see <see cref="UpstreamModels.OfAsync"/>.</param>
    public async Task<IReadOnlyList<string>> OthersAsync(CatalogSnapshot snapshot, GatewayOptions options, ApiKey key, TimeSpan patience, CancellationToken cancellation)
    {
        if (options.DefaultProvider is not { } name || !snapshot.Providers.TryGetValue(name, out Provider? provider) || !provider.Active)
        {
            return [];
        }
        // A list without patterns says all there is.
        (IEnumerable<string> names, bool all) = Named(options, key);
        return [.. names
            .Concat(all ? [] : await upstream.OfAsync(provider, patience, cancellation))
            .Distinct().Where(n => RoutePlanner.IsTakenByDefault(snapshot, options, key, n))];
    }

    /// <summary>The names in the lists of what may be called, and whether they are all that may be.</summary>
    private static (IEnumerable<string> Names, bool All) Named(GatewayOptions options, ApiKey key)
    {
        string[][] lists = [[.. options.AllowedModels], [.. key.AllowedModels.Select(m => m.Text)], [.. (key.Team?.AllowedModels ?? []).Select(m => m.Text)]];
        return (lists.SelectMany(l => l).Where(n => !IsPattern(n) && !n.StartsWith(PassThroughQuery.Permission, StringComparison.Ordinal)), lists.Any(l => l.Length > 0 && !l.Any(IsPattern)));
    }

    private static bool IsPattern(string allowed) => allowed.AsSpan().IndexOfAny('*', '?') >= 0;
}
