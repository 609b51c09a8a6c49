using Gateway.Core.Accounting;
using Gateway.Web.Storage.Usage;

namespace Gateway.Web.Administration;

/// <summary>Sorts sums and single calls into the total, the groups and the series of a report.</summary>
internal sealed class UsageReportBuilder
{
    // More points than any chart draws; a caller that asks for more gets a wider interval's worth of nothing.
    private const int MaxPoints = 20_000;

    private readonly UsageQuery _query;
    private readonly UsageSums _total = new();
    private readonly Dictionary<string, UsageSums> _groups = [];
    private readonly UsageSums[] _series;

    public UsageReportBuilder(UsageQuery query)
    {
        _query = query;
        FromMs = query.From.ToUnixTimeMilliseconds() / RollupBucket.MinuteMs * RollupBucket.MinuteMs;
        ToMs = (query.To.ToUnixTimeMilliseconds() + RollupBucket.MinuteMs - 1) / RollupBucket.MinuteMs * RollupBucket.MinuteMs;
        if (query.Interval is { } interval)
        {
            IntervalMs = (long)interval.TotalMilliseconds;
            if (IntervalMs < RollupBucket.MinuteMs || (RollupBucket.DayMs % IntervalMs != 0 && IntervalMs % RollupBucket.DayMs != 0))
            {
                throw new ArgumentException("An interval is a number of minutes that divides a day, or a number of whole days.", nameof(query));
            }
            FirstIntervalMs = FromMs / IntervalMs.Value * IntervalMs.Value;
            long points = Math.Max((ToMs - FirstIntervalMs + IntervalMs.Value - 1) / IntervalMs.Value, 0);
            if (points > MaxPoints)
            {
                throw new ArgumentException("The interval is too short for the window.", nameof(query));
            }
            _series = [.. Enumerable.Range(0, (int)points).Select(_ => new UsageSums())];
        }
        else
        {
            _series = [];
        }
    }

    public long FromMs { get; }
    public long ToMs { get; }
    public long? IntervalMs { get; }

    private long FirstIntervalMs { get; }

    public bool Matches(UsageRecord record) =>
        (_query.KeyId is null || record.KeyId == _query.KeyId)
        && (_query.Model is null || record.Model == _query.Model)
        && (_query.Provider is null || record.Provider == _query.Provider)
        && (_query.BackendId is null || record.BackendId == _query.BackendId);

    public void Add(long atMs, RollupDimensions dimensions, UsageSums sums)
    {
        foreach (UsageSums target in TargetsOf(atMs, dimensions))
        {
            target.Add(sums);
        }
    }

    public void Add(long atMs, RollupDimensions dimensions, UsageRecord record)
    {
        foreach (UsageSums target in TargetsOf(atMs, dimensions))
        {
            target.Add(record);
        }
    }

    public UsageReport Build() => new(
        _total,
        [.. _groups.Select(g => new UsageGroup(g.Key, g.Value)).OrderByDescending(g => g.Sums.Requests).ThenBy(g => g.Name, StringComparer.Ordinal)],
        [.. _series.Select((s, i) => new UsagePoint(DateTimeOffset.FromUnixTimeMilliseconds(FirstIntervalMs + (i * IntervalMs.GetValueOrDefault())), s))]);

    private IEnumerable<UsageSums> TargetsOf(long atMs, RollupDimensions dimensions)
    {
        yield return _total;
        string? name = _query.GroupBy switch
        {
            UsageGrouping.Key => dimensions.KeyId,
            UsageGrouping.Model => dimensions.Model,
            UsageGrouping.Provider => dimensions.Provider,
            UsageGrouping.Backend => dimensions.BackendId,
            _ => null,
        };
        if (name is not null)
        {
            if (!_groups.TryGetValue(name, out UsageSums? group))
            {
                _groups[name] = group = new UsageSums();
            }
            yield return group;
        }
        if (IntervalMs is { } interval && (atMs - FirstIntervalMs) / interval is var point && point < _series.Length)
        {
            yield return _series[point];
        }
    }
}
