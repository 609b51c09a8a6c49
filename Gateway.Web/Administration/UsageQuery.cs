using Gateway.Core.Accounting;
using Gateway.Web.Administration.Traffic;

namespace Gateway.Web.Administration;

/// <summary>What to add up.</summary>
public sealed record UsageQuery
{
    /// <summary>Rounded down to a whole minute, unless <see cref="ToTheMoment"/>.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Exclusive; rounded up to a whole minute.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Which calls; all terms have to be met.</summary>
    public IReadOnlyList<RequestTerm> Terms { get; init; } = [];
    public UsageGrouping GroupBy { get; init; }

    /// <summary>Splits each group again.</summary>
    public UsageGrouping ThenBy { get; init; }

    /// <summary>Width of a point of the series: whole minutes that divide a day, or whole days; null for no series.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Gives each group a series of its own.</summary>
    public bool GroupSeries { get; init; }

    /// <summary>Leaves out the calls of the first minute that came before <see cref="From"/>, for which that minute's calls are looked at one by one.</summary>
    public bool ToTheMoment { get; init; }

    /// <summary>False leaves percentiles out, which cost more to read than all the rest.</summary>
    public bool Latency { get; init; } = true;

    /// <summary>False where only single calls can tell: then the newest of them are counted, see <see cref="UsageReport.CountedFrom"/>.</summary>
    public bool IsInRollups => Terms.All(t => t.Field.RollupColumn is not null) && GroupBy.IsInRollups() && ThenBy.IsInRollups();

    /// <summary>
    /// A width that gives some twenty to a hundred points: a minute for an hour, a quarter for a day, a day from two weeks on. Parts of
    /// a day would have to be put together from its hours: with ten million calls these are 350,000 rows for a month, the days are 25,000.
    /// </summary>
    public static TimeSpan IntervalFor(TimeSpan window) => TimeSpan.FromMinutes(window.TotalMinutes switch
    {
        <= 90 => 1,
        <= 480 => 5,
        <= 1_440 => 15,
        <= 4_320 => 60,
        <= 11_520 => 180,
        <= 20_160 => 720,
        _ => 1_440,
    });
}

public enum UsageGrouping
{
    None,
    Key,
    Model,
    Provider,
    Backend,
    Team,
    Route,

    /// <summary>By the status's first digit: <c>2xx</c>.</summary>
    Status,
    Error,
    Operation,
}

/// <summary>Sums over a window, to the request: what has not reached the database yet is counted in.</summary>
/// <param name="Groups">By <see cref="UsageQuery.GroupBy"/>, most requests first; empty without one.</param>
/// <param name="Series">Every interval of the window in order, empty ones too; empty without an interval.</param>
public sealed record UsageReport(UsageSums Total, IReadOnlyList<UsageGroup> Groups, IReadOnlyList<UsagePoint> Series)
{
    /// <summary>Calls before this were too many to be looked at one by one, and are in no figure here; null: all are.</summary>
    public DateTimeOffset? CountedFrom { get; init; }
}

/// <param name="Name">The key's id, or the name of the model, provider or the id of the backend; empty where a call had none.</param>
public sealed record UsageGroup(string Name, UsageSums Sums)
{
    /// <summary>The name by <see cref="UsageQuery.ThenBy"/>; empty without one.</summary>
    public string Then { get; init; } = "";

    /// <summary>Every interval of the window in order; null for an empty one. Empty unless asked for.</summary>
    public IReadOnlyList<UsageSums?> Series { get; init; } = [];
}

/// <param name="Start">First instant of the interval.</param>
public sealed record UsagePoint(DateTimeOffset Start, UsageSums Sums);
