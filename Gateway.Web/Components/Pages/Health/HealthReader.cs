using Gateway.Core.Accounting;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;

namespace Gateway.Web.Components.Pages.Health;

/// <summary>A backend with its past.</summary>
/// <param name="Latency">95th percentiles in milliseconds, evenly spaced; null without a call.</param>
/// <param name="Errors">Failed of all calls, from 0 to 1.</param>
internal sealed record BackendPast(HealthView Now, IReadOnlyList<TimelineSpan> Spans, IReadOnlyList<double?> Latency, IReadOnlyList<double?> Errors, UsageSums Sums);

/// <summary>Puts together what the panel of backends shows.</summary>
internal sealed class HealthReader(HealthAdministration health, BackendTimelines timelines, UsageQueries usage, TimeProvider time)
{
    /// <summary>Each costs a question to the database.</summary>
    public const int Most = 30;

    /// <summary>Those that are not well first, then those that had most calls since the start; at most <see cref="Most"/>.</summary>
    public async Task<(IReadOnlyList<BackendPast> Shown, int All)> ReadAsync(TimeRange range, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset to = range.To < now ? range.To : now;
        IReadOnlyList<HealthView> all = health.List();
        Dictionary<string, BackendTimeline> past = (await timelines.ReadAsync(range.From, to, cancellationToken)).ToDictionary(t => t.Backend, StringComparer.Ordinal);
        var shown = new List<BackendPast>();
        foreach (HealthView backend in all.OrderByDescending(b => b.State is "failing" or "recovering" or "draining").ThenByDescending(b => b.Successes + b.Failures).Take(Most))
        {
            UsageReport report = await usage.ReadAsync(
                new UsageQuery { From = range.From, To = range.To, BackendId = backend.Backend, Interval = UsageQuery.IntervalFor(range.Length) }, cancellationToken);
            shown.Add(new BackendPast(
                backend,
                past.TryGetValue(backend.Backend, out BackendTimeline? timeline) ? timeline.Spans : [],
                [.. report.Series.Select(p => p.Sums.Duration.Percentile(0.95) / 1000d)],
                [.. report.Series.Select(p => p.Sums.Requests == 0 ? (double?)null : (double)p.Sums.Errors / p.Sums.Requests)],
                report.Total));
        }
        return (shown, all.Count);
    }
}
