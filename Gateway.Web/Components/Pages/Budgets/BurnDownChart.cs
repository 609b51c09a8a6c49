using Gateway.Core.Catalog;
using Gateway.Web.Administration.Budgets;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Budgets;

/// <summary>A burn-down as lines: what was left, how it goes on with how sure that is, and spending evenly beside it.</summary>
internal static class BurnDownChart
{
    public static IReadOnlyList<ChartSeries> Series(BudgetForecastView forecast)
    {
        var all = new List<ChartSeries>();
        // The same instants in all, so that one tooltip tells of all.
        if (forecast.Points.Any(p => p.LowUsd is not null))
        {
            // What was is known: the band begins there without any width.
            all.Add(Of("Four out of five", "--chart-1", p => p.HighUsd ?? p.LeftUsd) with { Lower = [.. forecast.Points.Select(p => Dollars(p.LowUsd ?? p.LeftUsd))] });
        }
        if (forecast.Points.Any(p => p.EvenUsd is not null))
        {
            all.Add(Of("Evenly spent", "--chart-quiet", p => p.EvenUsd));
        }
        all.Add(Of("Left", "--chart-1", p => p.LeftUsd));
        if (forecast.Points.Any(p => p.ForecastUsd is not null))
        {
            all.Add(Of("Forecast", "--chart-1", p => p.ForecastUsd) with { Dashed = true });
        }
        return all;

        ChartSeries Of(string name, string colour, Func<BurnDownPoint, NanoUsd?> value) =>
            new(name, colour, [.. forecast.Points.Select(p => new ChartPoint(p.At.ToUnixTimeMilliseconds(), Dollars(value(p))))]);
    }

    // What is overspent is told in words; the chart ends at nothing.
    private static double? Dollars(NanoUsd? amount) => amount is { } known ? Math.Max(0, (double)known.ToDollars()) : null;
}
