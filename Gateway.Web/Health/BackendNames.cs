using Gateway.Core.Catalog;

namespace Gateway.Web.Health;

/// <summary>Whose a backend is: several may ask the same provider for the same upstream model, each with a circuit of its own.</summary>
internal static class BackendNames
{
    /// <summary>"of gpt-4o", or "of the route cheap, step 2" where a step names a provider; null where its upstream model says it.</summary>
    public static string? Of(Backend backend, CatalogSnapshot catalog)
    {
        CatalogDefinition all = catalog.Definition;
        if (all.Models.FirstOrDefault(m => m.Backends.Any(b => b.Id == backend.Id)) is { } model)
        {
            return model.Name == backend.UpstreamModel ? null : $"of {model.Name}";
        }
        string[] steps =
        [
            .. all.Routes.SelectMany(r => r.Steps
                .Select((s, i) => (Step: s, Place: i + 1))
                .Where(s => s.Step.Provider == backend.Provider.Name && s.Step.UpstreamModel == backend.UpstreamModel)
                .Select(s => $"{r.Name}, step {s.Place}")),
        ];
        return steps.Length switch
        {
            0 => "of a route's step",
            1 => $"of the route {steps[0]}",
            2 => $"of the routes {steps[0]}, and {steps[1]}",
            _ => $"of {steps.Length} steps of routes",
        };
    }
}
