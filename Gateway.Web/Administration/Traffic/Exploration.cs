using Gateway.Core.Accounting;

namespace Gateway.Web.Administration.Traffic;

/// <summary>What an exploration asks: one metric, split once or twice, the largest groups and the others together.</summary>
public sealed record ExploreQuery
{
    public required UsageQuery Usage { get; init; }
    public UsageMetric Metric { get; init; } = UsageMetric.Requests;

    /// <summary>Groups that are shown by themselves.</summary>
    public int Top { get; init; } = 10;
}

/// <param name="Groups">The largest first, all others together last.</param>
public sealed record ExploreResult(ExploreQuery Query, UsageReport Report, IReadOnlyList<ExploreGroup> Groups)
{
    public IReadOnlyList<DateTimeOffset> Starts { get; } = [.. Report.Series.Select(p => p.Start)];
}

/// <param name="Name">Empty where calls had none.</param>
/// <param name="Then">The second grouping's name; empty without one.</param>
/// <param name="Value">Of the whole window; null where nothing was measured.</param>
/// <param name="Points">One for each interval.</param>
public sealed record ExploreGroup(string Name, string Then, double? Value, IReadOnlyList<double?> Points, UsageSums Sums)
{
    /// <summary>Stands for the groups that are not shown by themselves: how many; 0 for a group.</summary>
    public int Others { get; init; }
}

/// <summary>Answers explorations from the same sums that everything else is read from.</summary>
internal sealed class Exploration(UsageQueries usage)
{
    public async Task<ExploreResult> ReadAsync(ExploreQuery query, CancellationToken cancellationToken)
    {
        UsageReport report = await usage.ReadAsync(query.Usage with { GroupSeries = true, Latency = query.Metric.NeedsLatency }, cancellationToken);
        if (query.Usage.GroupBy == UsageGrouping.None)
        {
            var all = new ExploreGroup("", "", query.Metric.Of(report.Total), [.. report.Series.Select(p => query.Metric.Of(p.Sums))], report.Total);
            return new ExploreResult(query, report, report.Total.Requests + report.Total.Refused == 0 ? [] : [all]);
        }
        UsageGroup[] ranked = [.. report.Groups.OrderByDescending(g => query.Metric.Of(g.Sums) ?? double.MinValue).ThenBy(g => g.Name, StringComparer.Ordinal)];
        List<ExploreGroup> groups = [.. ranked.Take(query.Top).Select(g => Group(query.Metric, g, g.Name, g.Then))];
        if (ranked.Length > query.Top)
        {
            groups.Add(Others(query.Metric, ranked[query.Top..], report.Series.Count));
        }
        return new ExploreResult(query, report, groups);
    }

    private static ExploreGroup Group(UsageMetric metric, UsageGroup group, string name, string then) =>
        new(name, then, metric.Of(group.Sums), [.. group.Series.Select(s => metric.Of(s ?? UsageMetric.Nothing))], group.Sums);

    /// <summary>Added up as calls, not as figures: the p95 of several groups is that of all their calls.</summary>
    public static UsageSums Sum(IEnumerable<UsageGroup> groups)
    {
        var sums = new UsageSums();
        foreach (UsageGroup group in groups)
        {
            sums.Add(group.Sums);
        }
        return sums;
    }

    private static ExploreGroup Others(UsageMetric metric, UsageGroup[] rest, int points)
    {
        var series = new UsageSums?[points];
        foreach (UsageGroup group in rest)
        {
            for (int i = 0; i < points; i++)
            {
                if (group.Series[i] is { } point)
                {
                    (series[i] ??= new UsageSums()).Add(point);
                }
            }
        }
        return Group(metric, new UsageGroup("", Sum(rest)) { Series = series }, "Other", "") with { Others = rest.Length };
    }
}
