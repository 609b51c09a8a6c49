namespace Gateway.Web.Components.Controls;

/// <summary>The clock of a chart, for the browser: it may not know the zone, but can add.</summary>
/// <param name="Offsets">Since when, in Unix milliseconds, how many minutes the clock is ahead of UTC. The first holds from ever.</param>
/// <param name="Utc">Times are called UTC instead of by an offset.</param>
internal sealed record ChartClock(IReadOnlyList<long[]> Offsets, bool Utc)
{
    /// <summary>As it goes over the span of the points.</summary>
    public static ChartClock Of(TimeZoneInfo zone, IReadOnlyList<ChartSeries> series)
    {
        long[] times = [.. series.SelectMany(s => s.Points).Select(p => p.At)];
        (long from, long to) = times.Length == 0 ? (0, 0) : (times.Min(), times.Max());
        var offsets = new List<long[]> { new[] { 0, At(zone, from) } };
        while (from < to)
        {
            // No zone changes its clock twice within a day.
            long next = Math.Min(from + TimeSpan.MillisecondsPerDay, to);
            if (At(zone, next) != offsets[^1][1])
            {
                offsets.Add([Change(zone, from, next), At(zone, next)]);
            }
            from = next;
        }
        return new ChartClock(offsets, zone == TimeZoneInfo.Utc);
    }

    // The first minute after which the clock goes as it does in the end.
    private static long Change(TimeZoneInfo zone, long before, long after)
    {
        while (after - before > TimeSpan.MillisecondsPerMinute)
        {
            long middle = before + ((after - before) / 2);
            (before, after) = At(zone, middle) == At(zone, after) ? (before, middle) : (middle, after);
        }
        return after / TimeSpan.MillisecondsPerMinute * TimeSpan.MillisecondsPerMinute;
    }

    private static long At(TimeZoneInfo zone, long milliseconds) =>
        (long)zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).TotalMinutes;
}
