using System.Globalization;
using System.Text.Json;
using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>The prices of <c>prices.json</c>: dollars for each million tokens, read once. docs/prices.md says how to maintain it.</summary>
internal static class BuiltInPrices
{
    private static readonly Lazy<IReadOnlyList<ModelPrice>> Loaded = new(Load);
    private static readonly Lazy<PriceIndex> Indexed = new(() => new PriceIndex(All));

    public static IReadOnlyList<ModelPrice> All => Loaded.Value;

    public static PriceIndex Index => Indexed.Value;

    private static List<ModelPrice> Load()
    {
        using Stream resource = typeof(BuiltInPrices).Assembly.GetManifestResourceStream("prices.json")
            ?? throw new InvalidOperationException("The build lacks the embedded prices.json.");
        using JsonDocument document = JsonDocument.Parse(resource);
        var prices = new List<ModelPrice>();
        foreach (JsonElement entry in document.RootElement.EnumerateArray())
        {
            foreach (JsonElement model in entry.GetProperty("models").EnumerateArray())
            {
                prices.Add(Read(model.GetString()!, entry));
            }
        }
        return prices;
    }

    private static ModelPrice Read(string model, JsonElement entry)
    {
        DateOnly from = Day(entry, "from");
        string? provider = entry.TryGetProperty("provider", out JsonElement named) ? named.GetString() : null;
        return new ModelPrice
        {
            Model = model,
            Provider = provider,
            EffectiveFrom = new DateTimeOffset(from, TimeOnly.MinValue, TimeSpan.Zero),
            InputPerMillion = Dollars(entry, "input"),
            CachedInputPerMillion = Dollars(entry, "cached_input"),
            CacheWritePerMillion = Dollars(entry, "cache_write"),
            OutputPerMillion = Dollars(entry, "output"),
            SourceUrl = entry.GetProperty("source").GetString(),
            ReadOn = Day(entry, "read"),
            Version = string.Create(CultureInfo.InvariantCulture, $"builtin:{(provider is null ? "" : provider + "/")}{model}@{from:yyyy-MM-dd}"),
        };
    }

    private static DateOnly Day(JsonElement entry, string name) =>
        DateOnly.ParseExact(entry.GetProperty(name).GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static NanoUsd? Dollars(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement amount)
            ? NanoUsd.FromDollars(decimal.Parse(amount.GetString()!, CultureInfo.InvariantCulture))
            : null;
}
