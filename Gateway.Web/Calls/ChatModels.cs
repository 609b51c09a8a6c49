using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Routing;
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

    /// <summary>
    /// The one to begin with, of those that may be talked to: the first whose backends answer; where none has been called, the
    /// first that nothing is wrong with. Null where there is none.
    /// </summary>
    public static Model? First(IEnumerable<Model> models, TimeProvider time) => models.Where(MayChat).MinBy(m => Doubt(m, (long)time.GetElapsedTime(0).TotalMilliseconds));

    private static int Doubt(Model model, long nowMs) => model.Backends.Select(b => BackendHealth.Of(b, nowMs) switch
    {
        BackendHealth.Ok or BackendHealth.Full => 0,
        BackendHealth.Unknown => 1,
        BackendHealth.Recovering => 2,
        _ => 3,
    }).DefaultIfEmpty(1).Min();

    private static bool EmbedsOnly(Backend backend) => backend.Provider.Kind == ProviderKind.Simulated
        ? SimulatedAdapter.Embeds(backend.UpstreamModel)
        : PriceTable.IsOfInputAlone(backend.UpstreamModel, backend.Provider);
}
