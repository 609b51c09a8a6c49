using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Web.Configuration;

/// <summary>The shares that <c>PROVIDER_WEIGHTS</c> gives to the backends of providers, wherever they are declared.</summary>
internal sealed class ProviderWeights
{
    private readonly Dictionary<string, int> _byProvider;

    private ProviderWeights(Dictionary<string, int> byProvider) => _byProvider = byProvider;

    /// <summary>Gives no weights.</summary>
    public static ProviderWeights None { get; } = new([]);

    /// <summary><see cref="None"/> without a text, or with one that is wrong, which is added to the errors.</summary>
    public static ProviderWeights Read(string? json, List<string> errors)
    {
        if (json is null)
        {
            return None;
        }
        Dictionary<string, double>? weights = null;
        try
        {
            weights = JsonSerializer.Deserialize<Dictionary<string, double>>(json);
        }
        catch (JsonException)
        {
            // Reported below.
        }
        if (weights is null || weights.Values.Any(w => w is < 0 or > 1000))
        {
            errors.Add("PROVIDER_WEIGHTS (Gateway:Upstreams:Weights) must be a JSON object from provider names to numbers from 0 to 1000, such as {\"openai\":0.7,\"vllm\":0.3}.");
            return None;
        }
        // Shares such as 0.7 and 0.3 become whole weights of the same proportion.
        double scale = weights.Values.Any(w => w % 1 != 0) && weights.Values.All(w => w <= 10) ? 100 : 1;
        return new ProviderWeights(weights.ToDictionary(w => w.Key, w => w.Value == 0 ? 0 : Math.Clamp((int)Math.Round(w.Value * scale), 1, 1000)));
    }

    /// <summary>The catalog with these weights instead of its own; a weight of 0 switches backends off.</summary>
    public CatalogDefinition Apply(CatalogDefinition catalog) => _byProvider.Count == 0 ? catalog : catalog with
    {
        Models = [.. catalog.Models.Select(m => m with { Backends = [.. m.Backends.Select(Apply)] })],
    };

    /// <summary>Names of providers that the catalog does not have.</summary>
    public IReadOnlyList<string> UnknownTo(CatalogDefinition catalog) => [.. _byProvider.Keys.Except(catalog.Providers.Select(p => p.Name)).Order(StringComparer.Ordinal)];

    private BackendDefinition Apply(BackendDefinition backend) =>
        backend.Provider is null || !_byProvider.TryGetValue(backend.Provider, out int weight) ? backend
        : weight == 0 ? backend with { Active = false }
        : backend with { Weight = weight };
}
