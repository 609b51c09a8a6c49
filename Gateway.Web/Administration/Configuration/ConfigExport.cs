using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Web.Storage.Catalog;

namespace Gateway.Web.Administration.Configuration;

/// <summary>A configuration written as YAML, and what must be set for it to work.</summary>
/// <param name="Version">The catalog's version that it shows.</param>
public sealed record ConfigFile(long Version, string Yaml, IReadOnlyList<SecretVariable> Variables);

/// <summary>Writes the configuration in force, from files and from the database, in the form that <c>Gateway:ConfigFile</c> reads.</summary>
internal sealed class ConfigExport(CatalogSources sources)
{
    public ConfigFile Write()
    {
        DatabaseCatalog database = sources.Database;
        return Write(database.Version, sources.With(database.Definition));
    }

    /// <param name="catalog">Whose secrets are not looked at.</param>
    public static ConfigFile Write(long version, CatalogDefinition catalog)
    {
        (JsonObject tree, SecretPlaceholders secrets) = Tree(catalog);
        string[] head =
        [
            "Providers, models, routes, teams, keys, limits, budgets and prices, for Gateway:ConfigFile.",
            .. secrets.All.Count == 0 ? Array.Empty<string>() : ["No secret is in it. These variables must be set:"],
            .. secrets.All.Select(v => $"  {v.Name}: {v.For}"),
        ];
        return new ConfigFile(version, ConfigYaml.Write(tree, head), secrets.All);
    }

    /// <summary>The tree with placeholders for secrets, and with <c>${</c> in other texts escaped.</summary>
    /// <param name="beside">What is declared beside it, whose secrets have variables, too.</param>
    public static (JsonObject Tree, SecretPlaceholders Secrets) Tree(CatalogDefinition catalog, CatalogDefinition? beside = null)
    {
        var secrets = new SecretPlaceholders(beside is null ? catalog : catalog with { Providers = [.. beside.Providers, .. catalog.Providers] });
        // Sorted, so that two exports of one configuration are the same text.
        CatalogDefinition sorted = catalog with
        {
            Providers = [.. catalog.Providers.OrderBy(p => p.Name, StringComparer.Ordinal)],
            Models = [.. catalog.Models.OrderBy(m => m.Name, StringComparer.Ordinal)],
            Routes = [.. catalog.Routes.OrderBy(r => r.Name, StringComparer.Ordinal)],
            Teams = [.. catalog.Teams.OrderBy(t => t.Name, StringComparer.Ordinal)],
            Keys = [.. catalog.Keys.OrderBy(k => k.Name, StringComparer.Ordinal)],
            Limits = [.. catalog.Limits.OrderBy(l => l.Scope)],
            Budgets = [.. catalog.Budgets.OrderBy(b => b.Name, StringComparer.Ordinal)],
            Prices = [.. catalog.Prices.OrderBy(p => p.Model, StringComparer.Ordinal).ThenBy(p => p.Provider, StringComparer.Ordinal).ThenBy(p => p.EffectiveFrom)],
        };
        JsonObject tree = new ConfigTree(sorted, c => DraftReader.StillToBeGiven(c.Secret) is { } variable ? SecretPlaceholders.Text(variable) : secrets.Of(c), k => secrets.Of(k)).Build();
        return ((JsonObject)Escape(tree, "")!, secrets);
    }

    private static JsonNode? Escape(JsonNode? node, string name) => node switch
    {
        JsonObject map => new JsonObject(map.Select(m => KeyValuePair.Create(m.Key, Escape(m.Value, m.Key)))),
        JsonArray list => new JsonArray([.. list.Select(i => Escape(i, name))]),
        JsonValue value when name is not ("secret" or "key") && value.TryGetValue(out string? text) => text.Replace("${", "$${", StringComparison.Ordinal),
        _ => node?.DeepClone(),
    };
}
