using Gateway.Core.Accounting;
using Gateway.Web.Storage.Usage;

namespace Gateway.Web.Administration;

/// <summary>Sorts sums and single calls into the total, the groups and the series of a report.</summary>
internal sealed class UsageReportBuilder
{
    // More points than any chart draws; a caller that asks for more gets a wider interval's worth of nothing.
    private const int MaxPoints = 20_000;

    private readonly UsageQuery _query;
    private readonly IReadOnlyDictionary<string, string> _teams;
    private readonly UsageSums _total = new();
    private readonly Dictionary<(string Name, string Then), (UsageSums Sums, UsageSums?[] Series)> _groups = [];
    private readonly UsageSums[] _series;
    private readonly List<UsageSums> _targets = new(2);

    /// <param name="teams">The name of each key's team.</param>
    public UsageReportBuilder(UsageQuery query, IReadOnlyDictionary<string, string> teams)
    {
        _query = query;
        _teams = teams;
        FromMs = query.From.ToUnixTimeMilliseconds();
        FirstMinuteMs = query.ToTheMoment ? NextMinute(FromMs) : FromMs / RollupBucket.MinuteMs * RollupBucket.MinuteMs;
        FromMs = query.ToTheMoment ? FromMs : FirstMinuteMs;
        ToMs = NextMinute(query.To.ToUnixTimeMilliseconds());
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

    /// <summary>Where the first minute begins of which every call counts.</summary>
    public long FirstMinuteMs { get; }
    public long? IntervalMs { get; }

    private long FirstIntervalMs { get; }

    private static long NextMinute(long ms) => (ms + RollupBucket.MinuteMs - 1) / RollupBucket.MinuteMs * RollupBucket.MinuteMs;

    /// <summary>Adds a rollup; its histograms are as they are stored.</summary>
    public void Add(long atMs, RollupDimensions dimensions, UsageSums sums, ReadOnlySpan<byte> duration, ReadOnlySpan<byte> timeToFirstToken)
    {
        foreach (UsageSums target in TargetsOf(atMs, dimensions, null))
        {
            target.Add(sums, duration, timeToFirstToken);
        }
    }

    public void Add(long atMs, RollupDimensions dimensions, UsageRecord record)
    {
        foreach (UsageSums target in TargetsOf(atMs, dimensions, record))
        {
            target.Add(record);
        }
    }

    /// <summary>Once, when everything is added.</summary>
    public UsageReport Build()
    {
        foreach ((UsageSums sums, UsageSums?[] series) in _groups.Values)
        {
            for (int point = 0; point < series.Length; point++)
            {
                if (series[point] is { } part)
                {
                    sums.Add(part);
                    _series[point].Add(part);
                }
            }
            _total.Add(sums);
        }
        return new UsageReport(
            _total,
            [
                .. _groups.Select(g => new UsageGroup(g.Key.Name, g.Value.Sums) { Then = g.Key.Then, Series = g.Value.Series })
                    .OrderByDescending(g => g.Sums.Requests).ThenBy(g => g.Name, StringComparer.Ordinal).ThenBy(g => g.Then, StringComparer.Ordinal),
            ],
            [.. _series.Select((s, i) => new UsagePoint(DateTimeOffset.FromUnixTimeMilliseconds(FirstIntervalMs + (i * IntervalMs.GetValueOrDefault())), s))]);
    }

    // As few as there can be, since this is done for each of very many rows: what these sums add up to is added up when all is built.
    // The same list each time, for the same reason.
    private List<UsageSums> TargetsOf(long atMs, RollupDimensions dimensions, UsageRecord? record)
    {
        _targets.Clear();
        int point = IntervalMs is { } interval && (atMs - FirstIntervalMs) / interval is var index && index < _series.Length ? (int)index : -1;
        if (_query.GroupBy.Of(dimensions, record, _teams) is not { } name)
        {
            _targets.Add(_total);
        }
        else
        {
            (string, string) key = (name, _query.ThenBy.Of(dimensions, record, _teams) ?? "");
            if (!_groups.TryGetValue(key, out (UsageSums Sums, UsageSums?[] Series) group))
            {
                _groups[key] = group = (new UsageSums(), _query.GroupSeries ? new UsageSums?[_series.Length] : []);
            }
            if (_query.GroupSeries && point >= 0)
            {
                _targets.Add(group.Series[point] ??= new UsageSums());
                return _targets;
            }
            _targets.Add(group.Sums);
        }
        if (point >= 0)
        {
            _targets.Add(_series[point]);
        }
        return _targets;
    }
}
