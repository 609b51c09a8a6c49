using System.Globalization;
using System.Text;

namespace Gateway.Web.Administration.Traffic;

/// <summary>An exploration as the admin API shows it. Durations are in microseconds, money in dollars, shares in parts of one.</summary>
public sealed class ExploreView(ExploreResult result)
{
    public string Metric { get; } = result.Query.Metric.Name;
    public string Unit { get; } = result.Query.Metric.Unit;
    public DateTimeOffset From { get; } = result.Query.Usage.From;
    public DateTimeOffset To { get; } = result.Query.Usage.To;

    /// <summary>Earlier calls were too many to look at and are not counted; null when all are.</summary>
    public DateTimeOffset? CountedFrom { get; } = result.Report.CountedFrom;

    /// <summary>First instants of the intervals; empty without an interval.</summary>
    public IReadOnlyList<DateTimeOffset> Starts { get; } = result.Starts;
    public IReadOnlyList<ExploreGroupView> Groups { get; } = [.. result.Groups.Select(g => new ExploreGroupView(g.Name, g.Then, g.Others, g.Value, g.Points))];

    /// <summary>A line for each group, a column for each interval.</summary>
    public static string Csv(ExploreResult result)
    {
        var text = new StringBuilder();
        string group = result.Query.Usage.GroupBy.ToName() is { Length: > 0 } name ? name : "group";
        text.AppendLine(Traffic.Csv.Line([group, result.Query.Usage.ThenBy.ToName() is { Length: > 0 } then ? then : "subgroup", result.Query.Metric.Name,
            .. result.Starts.Select(s => s.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture))]));
        foreach (ExploreGroup one in result.Groups)
        {
            text.AppendLine(Traffic.Csv.Line([one.Name, one.Then, one.Value, .. one.Points.Select(p => (object?)p)]));
        }
        return text.ToString();
    }
}

/// <param name="Others">How many groups stand together here; 0 for a group by itself.</param>
public sealed record ExploreGroupView(string Name, string Then, int Others, double? Value, IReadOnlyList<double?> Points);
