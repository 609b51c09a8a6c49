using Gateway.Core.Catalog;
using Gateway.Core.Chaos;

namespace Gateway.Web.Components.Controls;

/// <summary>What a fault on purpose does, in words.</summary>
internal static class FaultText
{
    /// <summary>A provider's name, or a backend as its provider and upstream model.</summary>
    public static string Target(string? provider, string? backend, CatalogSnapshot catalog) => provider
        ?? (backend is not null && catalog.Backends.TryGetValue(backend, out Backend? known) ? Name(known) : backend ?? "");

    public static string Name(Backend backend) => $"{backend.Provider.Name} · {backend.UpstreamModel}";

    /// <summary>Whether the fault is one that waits.</summary>
    public static bool Waits(string fault) => FaultKinds.TryParse(fault, out FaultKind kind) && kind is FaultKind.Latency or FaultKind.SlowFirstToken;

    /// <summary>At which nodes.</summary>
    public static string Reach(ChaosSwitch chaos) => chaos.IsShared ? "on every node" : "on this node only";

    /// <summary>Whose calls.</summary>
    public static string Callers(IReadOnlyList<string> keys, CatalogSnapshot catalog) => keys.Count == 0 ? "every key"
        : string.Join(", ", keys.Select(id => catalog.Definition.Keys.FirstOrDefault(k => k.Id == id)?.Name ?? id));
}
