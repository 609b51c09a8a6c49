using Gateway.Core.Accounting;

namespace Gateway.Web.Administration;

/// <summary>What to add up; null dimensions are all.</summary>
public sealed record UsageQuery
{
    /// <summary>Rounded down to a whole minute.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Exclusive; rounded up to a whole minute.</summary>
    public required DateTimeOffset To { get; init; }
    public string? KeyId { get; init; }
    public string? Model { get; init; }
    public string? Provider { get; init; }
    public string? BackendId { get; init; }
    public UsageGrouping GroupBy { get; init; }

    /// <summary>Width of a point of the series: whole minutes that divide a day, or whole days; null for no series.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>A width that gives some sixty points: a minute for an hour, half an hour for a day, a day for three months.</summary>
    public static TimeSpan IntervalFor(TimeSpan window) => TimeSpan.FromMinutes(window.TotalMinutes switch
    {
        <= 90 => 1,
        <= 480 => 5,
        <= 1_440 => 15,
        <= 4_320 => 60,
        <= 11_520 => 180,
        <= 64_800 => 720,
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
}

/// <summary>Sums over a window, to the request: what has not reached the database yet is counted in.</summary>
/// <param name="Groups">By <see cref="UsageQuery.GroupBy"/>, most requests first; empty without one.</param>
/// <param name="Series">Every interval of the window in order, empty ones too; empty without an interval.</param>
public sealed record UsageReport(UsageSums Total, IReadOnlyList<UsageGroup> Groups, IReadOnlyList<UsagePoint> Series);

/// <param name="Name">The key's id, or the name of the model, provider or the id of the backend; empty where a call had none.</param>
public sealed record UsageGroup(string Name, UsageSums Sums);

/// <param name="Start">First instant of the interval.</param>
public sealed record UsagePoint(DateTimeOffset Start, UsageSums Sums);
