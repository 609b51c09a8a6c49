using Gateway.Core.Accounting;
using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Overview;

/// <summary>Reads what the overview shows: a span, the one before it, and the models that cost most.</summary>
internal sealed class OverviewReader(UsageQueries usage, RequestHistory history)
{
    /// <summary>Models with a colour of their own in the cost chart.</summary>
    private const int TopModels = 5;

    public async Task<OverviewData> ReadAsync(TimeRange range, CancellationToken cancellationToken)
    {
        TimeSpan interval = UsageQuery.IntervalFor(range.Length);
        var query = new UsageQuery { From = range.From, To = range.To, GroupBy = UsageGrouping.Model, Interval = interval };
        UsageReport now = await usage.ReadAsync(query, cancellationToken);
        TimeRange previous = range.Previous;
        UsageReport before = await usage.ReadAsync(new UsageQuery { From = previous.From, To = previous.To }, cancellationToken);
        var costs = new Dictionary<DateTimeOffset, Dictionary<string, double>>();
        foreach (UsageGroup model in now.Groups.Where(g => g.Sums.Cost.Value > 0).OrderByDescending(g => g.Sums.Cost.Value).Take(TopModels))
        {
            UsageReport own = await usage.ReadAsync(query with { Model = model.Name, GroupBy = UsageGrouping.None }, cancellationToken);
            foreach (UsagePoint point in own.Series.Where(p => p.Sums.Cost.Value > 0))
            {
                if (!costs.TryGetValue(point.Start, out Dictionary<string, double>? at))
                {
                    costs[point.Start] = at = [];
                }
                at[model.Name] = (double)point.Sums.Cost.ToDollars();
            }
        }
        return new OverviewData(
            range,
            Figures(now.Total),
            Figures(before.Total),
            [.. now.Series.Select(p => new Bucket(p.Start, Figures(p.Sums), costs.GetValueOrDefault(p.Start) ?? []))],
            [.. now.Groups.Where(g => g.Name.Length > 0).Select(g => new ModelFigures(g.Name, Figures(g.Sums)))],
            now.Total.Requests > 0 || before.Total.Requests > 0 || await history.AnyAsync(cancellationToken));
    }

    private static Figures Figures(UsageSums sums) => new()
    {
        // The books count refused calls apart; whoever looks at the page counts them as requests.
        Requests = sums.Requests + sums.Refused,
        Refused = sums.Refused,
        Errors = sums.Errors,
        P50 = sums.Duration.Percentile(0.50),
        P95 = sums.Duration.Percentile(0.95),
        P99 = sums.Duration.Percentile(0.99),
        TimeToFirstToken = sums.TimeToFirstToken.Percentile(0.50),
        InputTokens = sums.InputTokens,
        OutputTokens = sums.OutputTokens,
        Cost = sums.Cost,
        CostUnknown = sums.UnknownCost,
    };
}
