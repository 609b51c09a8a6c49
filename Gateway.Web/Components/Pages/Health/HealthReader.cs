using Gateway.Core.Accounting;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Health;

/// <summary>A backend with its past.</summary>
/// <param name="Latency">95th percentiles in milliseconds, evenly spaced; null without a call.</param>
/// <param name="Errors">Failed of all calls, from 0 to 1.</param>
internal sealed record BackendPast(HealthView Now, IReadOnlyList<TimelineSpan> Spans, IReadOnlyList<double?> Latency, IReadOnlyList<double?> Errors, UsageSums Sums);

/// <summary>Puts together what the panel of backends shows.</summary>
internal sealed class HealthReader(HealthAdministration health, BackendTimelines timelines, UsageQueries usage, TimeProvider time)
{
    /// <summary>More are no overview.</summary>
    public const int Most = 30;

    /// <summary>Those that are not well first, then those that had most calls since the start; at most <see cref="Most"/>.</summary>
    public async Task<(IReadOnlyList<BackendPast> Shown, int All)> ReadAsync(TimeRange range, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset to = range.To < now ? range.To : now;
        IReadOnlyList<HealthView> all = await health.ListAsync(cancellationToken);
        Dictionary<string, BackendTimeline> past = (await timelines.ReadAsync(range.From, to, cancellationToken)).ToDictionary(t => t.Backend, StringComparer.Ordinal);
        UsageReport report = await usage.ReadAsync(
            new UsageQuery { From = range.From, To = range.To, GroupBy = UsageGrouping.Backend, GroupSeries = true, Interval = UsageQuery.IntervalFor(range.Length) }, cancellationToken);
        Dictionary<string, UsageGroup> groups = report.Groups.ToDictionary(g => g.Name, StringComparer.Ordinal);
        BackendPast[] shown =
        [
            .. all.OrderByDescending(b => OverNodes.Of(b).IsUnwell).ThenByDescending(b => OverNodes.Of(b).Attempts).Take(Most).Select(b =>
            {
                UsageGroup? group = groups.GetValueOrDefault(b.Backend);
                return new BackendPast(
                    b,
                    past.TryGetValue(b.Backend, out BackendTimeline? timeline) ? timeline.Spans : [],
                    [.. (group?.Series ?? []).Select(s => s?.Duration.Percentile(0.95) / 1000d)],
                    [.. (group?.Series ?? []).Select(s => s is null || s.Requests == 0 ? (double?)null : (double)s.Errors / s.Requests)],
                    group?.Sums ?? new UsageSums());
            }),
        ];
        return (shown, all.Count);
    }
}
