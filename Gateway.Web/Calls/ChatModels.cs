using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Providers.Simulated;

namespace Gateway.Web.Calls;

/// <summary>
/// Which models may be talked to: all but those whose every backend is known to make vectors and nothing else. A model of which
/// nothing is known may chat.
/// </summary>
internal static class ChatModels
{
    /// <summary>Those of the catalog.</summary>
    public static IEnumerable<Model> Of(CatalogSnapshot snapshot) => snapshot.Models.Where(MayChat);

    /// <summary>Whether it may be talked to. A default route may lead anywhere.</summary>
    public static bool MayChat(Model model) => model.DefaultRoute is not null || model.Backends.Length == 0 || !model.Backends.All(EmbedsOnly);

    private static bool EmbedsOnly(Backend backend) => backend.Provider.Kind == ProviderKind.Simulated
        ? SimulatedAdapter.Embeds(backend.UpstreamModel)
        : PriceTable.IsOfInputAlone(backend.UpstreamModel, backend.Provider);
}
