using Gateway.Core.Accounting;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Administration.Traffic;

namespace Gateway.Web.Components.Pages.Overview;

/// <summary>
/// Reads what the overview shows of a span, in two steps. The sums by model, key, team and provider come from the largest
/// rollups that fit into it, and are there at once; its course is cut up finer, and takes many times their rows. That of a long
/// span is by days, the largest rollups there are, and comes with the sums.
/// </summary>
internal sealed class OverviewReader(UsageQueries usage, RequestHistory history, CallNames names, HealthAdministration health, AlertAdministration alerts)
{
    private const int TopRows = 8;

    /// <summary>All but the course. Where calls are counted one by one, they are so once, and the course comes with the figures.</summary>
    public async Task<OverviewData> ReadAsync(RequestFilter filter, UsageQuery query, CancellationToken cancellationToken)
    {
        // Meanwhile: other nodes may have to be waited for.
        Task<IReadOnlyList<HealthView>> backends = health.ListAsync(cancellationToken);
        UsageQuery sums = query with { Interval = null };
        bool withSeries = !query.IsInRollups || query.Interval?.Ticks % TimeSpan.TicksPerDay == 0;
        IReadOnlyList<UsageReport> reports = await usage.ReadAsync(
            [
                withSeries ? ByModel(query) : sums with { GroupBy = UsageGrouping.Model },
                sums with { GroupBy = UsageGrouping.Key }, sums with { GroupBy = UsageGrouping.Team }, sums with { GroupBy = UsageGrouping.Provider },
            ],
            cancellationToken);
        UsageReport now = reports[0];
        return new OverviewData(filter, Of(now.Total), now.Total.Requests + now.Total.Refused > 0 || await history.AnyAsync(cancellationToken))
        {
            Models = Top(now, n => n),
            Keys = Top(reports[1], names.OfKey),
            Teams = Top(reports[2], n => n),
            Providers = Top(reports[3], n => n),
            Backends = await backends,
            Firing = await alerts.FiringAsync(cancellationToken),
            CountedFrom = now.CountedFrom,
            Series = withSeries ? now : null,
            Course = query.IsInRollups ? null : await CourseAsync(filter.Range!, query, now, cancellationToken),
        };
    }

    /// <summary>The same with the course.</summary>
    public async Task<OverviewData> CompleteAsync(OverviewData data, UsageQuery query, CancellationToken cancellationToken) => data.Course is not null ? data
        : data with { Course = await CourseAsync(data.Filter.Range!, query, data.Series ?? await usage.ReadAsync(ByModel(query), cancellationToken), cancellationToken) };

    private static UsageQuery ByModel(UsageQuery query) => query with { GroupBy = UsageGrouping.Model, GroupSeries = true };

    private async Task<Course> CourseAsync(TimeRange range, UsageQuery query, UsageReport now, CancellationToken cancellationToken)
    {
        TimeRange previous = range.Previous;
        UsageReport before = await usage.ReadAsync(query with { From = previous.From, To = previous.To, Interval = range.Compare ? query.Interval : null }, cancellationToken);
        // Laid onto this span interval by interval, whatever their edges.
        IEnumerable<Bucket> earlier = before.Series.Zip(now.Series, (was, at) => new Bucket(at.Start, Of(was.Sums), new Dictionary<string, double>()));
        return new Course([.. now.Series.Select((p, i) => new Bucket(p.Start, Of(p.Sums), Costs(now, i)))], Of(before.Total), range.Compare ? [.. earlier] : []);
    }

    private static Dictionary<string, double> Costs(UsageReport report, int interval) => report.Groups
        .Where(g => g.Series[interval] is { Cost.Value: > 0 }).ToDictionary(g => g.Name, g => (double)g.Series[interval]!.Cost.ToDollars());

    private static List<GroupFigures> Top(UsageReport report, Func<string, string> name) =>
        [.. report.Groups.Where(g => g.Name.Length > 0).Take(TopRows).Select(g => new GroupFigures(name(g.Name), g.Name, Of(g.Sums)))];

    private static Figures Of(UsageSums sums) => new()
    {
        // The books count refused calls apart; whoever looks at the page counts them as requests.
        Requests = sums.Requests + sums.Refused,
        Refused = sums.Refused,
        Errors = sums.Errors,
        P50 = sums.Duration.Percentile(0.50),
        P95 = sums.Duration.Percentile(0.95),
        P99 = sums.Duration.Percentile(0.99),
        TimeToFirstToken = sums.TimeToFirstToken.Percentile(0.50),
        Overhead = sums.Requests == 0 ? null : Math.Max(0, sums.DurationSumUs - sums.UpstreamSumUs) / sums.Requests,
        InputTokens = sums.InputTokens,
        CachedTokens = sums.CachedInputTokens,
        OutputTokens = sums.OutputTokens,
        Cost = sums.Cost,
        CostUnknown = sums.UnknownCost,
    };
}
