using System.Globalization;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Prices;

/// <summary>A price while it is being edited, in dollars for a million tokens; null is unknown.</summary>
internal sealed class PriceForm
{
    public const decimal Most = 1_000_000;

    public string Model { get; set; } = "";

    /// <summary>Empty is any.</summary>
    public string Provider { get; set; } = "";

    /// <summary>The first day, UTC.</summary>
    public DateOnly From { get; set; }
    public decimal? Input { get; set; }
    public decimal? CachedInput { get; set; }
    public decimal? CacheWrite { get; set; }
    public decimal? Output { get; set; }
    public string SourceUrl { get; set; } = "";

    public static PriceForm Of(PriceView price) => new()
    {
        Model = price.Model,
        Provider = price.Provider ?? "",
        From = DayOf(price.EffectiveFrom),
        Input = price.InputPerMillion?.ToDollars(),
        CachedInput = price.CachedInputPerMillion?.ToDollars(),
        CacheWrite = price.CacheWritePerMillion?.ToDollars(),
        Output = price.OutputPerMillion?.ToDollars(),
        SourceUrl = price.SourceUrl ?? "",
    };

    public static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);

    /// <param name="before">The price that is edited; its own instant stays unless another day is chosen.</param>
    public PriceChange ToChange(PriceView? before) => new()
    {
        Model = Model.Trim(),
        Provider = Text(Provider),
        EffectiveFrom = before is not null && DayOf(before.EffectiveFrom) == From ? before.EffectiveFrom : new DateTimeOffset(From, TimeOnly.MinValue, TimeSpan.Zero),
        InputPerMillion = Dollars(Input),
        CachedInputPerMillion = Dollars(CachedInput),
        CacheWritePerMillion = Dollars(CacheWrite),
        OutputPerMillion = Dollars(Output),
        SourceUrl = Text(SourceUrl),
    };

    /// <summary>Everything that is wrong with it and that the gateway would take all the same.</summary>
    public IReadOnlyList<CatalogError> Problems()
    {
        var problems = new List<CatalogError>();
        if (Input is null && Output is null)
        {
            problems.Add(new CatalogError("input_per_million", "Say what input or output costs; 0 is free, empty is unknown."));
        }
        foreach (decimal? part in (decimal?[])[Input, CachedInput, CacheWrite, Output])
        {
            if (part is < 0 or > Most)
            {
                problems.Add(new CatalogError("", string.Create(CultureInfo.InvariantCulture, $"A million tokens cost 0 to {Most:0} dollars.")));
                break;
            }
        }
        if (Model.TrimEnd('*').Contains('*'))
        {
            problems.Add(new CatalogError("model", "A pattern has its * at the end, as in local-*."));
        }
        return problems;
    }

    private static NanoUsd? Dollars(decimal? amount) => amount is { } dollars ? NanoUsd.FromDollars(dollars) : null;

    private static string? Text(string text) => text.Trim() is { Length: > 0 } some ? some : null;
}
