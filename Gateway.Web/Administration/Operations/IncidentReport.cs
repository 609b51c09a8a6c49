using System.Globalization;
using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Operations;

/// <summary>
/// Writes the draft of a post-mortem from what is known of a span of time: figures beside those of the span before, who and
/// what was affected, and what happened in order. What only people know is left for them to fill in.
/// </summary>
internal sealed class IncidentReport(
    UsageQueries usage, OperationTimeline timeline, AdministrationDatabase database, GatewayCatalog catalog)
{
    private const int MostRows = 15;
    private const int MostEvents = 1000;
    private const int Intervals = 24;
    private const int BarLength = 24;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <param name="viewer">Whoever answers for some teams only sees no keys of others.</param>
    public async Task<AdministrationResult<IncidentView>> DraftAsync(DateTimeOffset from, DateTimeOffset to, Actor viewer, CancellationToken cancellationToken)
    {
        if (from >= to || to - from > Longest)
        {
            return AdministrationFailure.Invalid("from", "from is before to, and at most 31 days.");
        }
        try
        {
            return await WriteAsync(from, to, viewer, cancellationToken);
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            return AdministrationFailure.UnavailableBecause(e);
        }
    }

    private async Task<IncidentView> WriteAsync(DateTimeOffset from, DateTimeOffset to, Actor viewer, CancellationToken cancellationToken)
    {
        IReadOnlyList<UsageReport> reports = await usage.ReadAsync(
        [
            new UsageQuery { From = from, To = to, GroupBy = UsageGrouping.Model, Interval = IntervalOf(to - from) },
            new UsageQuery { From = from, To = to, GroupBy = UsageGrouping.Key },
            new UsageQuery { From = from, To = to, GroupBy = UsageGrouping.Backend },
        ], cancellationToken);
        (UsageReport whole, UsageReport keys, UsageReport backends) = (reports[0], reports[1], reports[2]);
        UsageReport before = await usage.ReadAsync(new UsageQuery { From = from - (to - from), To = from }, cancellationToken);
        IReadOnlyList<EventView> events = [.. (await timeline.ListAsync(new EventQuery { From = from, To = to, Limit = MostEvents }, cancellationToken)).Reverse()];
        List<(string Kind, long Count)> errors = await ErrorsAsync(from, to, cancellationToken);

        string title = $"Incident of {Time(from)} to {Time(to)} UTC";
        var text = new StringBuilder();
        text.AppendLine(Culture, $"# {title}").AppendLine();
        text.AppendLine("*Draft, written from the gateway's records. Complete what stands in italics.*").AppendLine();
        text.AppendLine("- **Impact:** *who noticed what, and for how long*");
        text.AppendLine("- **Cause:** *what it was in the end*");
        text.AppendLine("- **What ended it:** *what was done, or that it passed by itself*").AppendLine();
        WriteFigures(text, whole.Total, before.Total);
        WriteEvents(text, events);
        WriteAffected(text, whole, keys, backends, viewer);
        if (errors.Count > 0)
        {
            text.AppendLine("## What went wrong").AppendLine().AppendLine("| error | calls |").AppendLine("|---|---:|");
            foreach ((string kind, long count) in errors)
            {
                text.AppendLine(Culture, $"| {Cell(kind)} | {count:N0} |");
            }
            text.AppendLine();
        }
        WriteSeries(text, whole.Series);
        text.AppendLine("## Lessons").AppendLine().AppendLine("- *What went well*").AppendLine("- *What went badly*").AppendLine("- *Where we were lucky*").AppendLine();
        text.AppendLine("## To do").AppendLine().AppendLine("| what | who | until |").AppendLine("|---|---|---|").AppendLine("| *…* | | |");
        return new IncidentView(title, $"incident-{from.UtcDateTime.ToString("yyyy-MM-dd-HHmm", Culture)}.md", from, to, text.ToString().ReplaceLineEndings("\n"));
    }

    private static void WriteFigures(StringBuilder text, UsageSums now, UsageSums before)
    {
        text.AppendLine("## Figures").AppendLine().AppendLine("| | in this time | in as long before |").AppendLine("|---|---:|---:|");
        void Row(string name, Func<UsageSums, string> of) => text.AppendLine(Culture, $"| {name} | {of(now)} | {of(before)} |");
        Row("Requests", s => s.Requests.ToString("N0", Culture));
        Row("Failed", s => s.Errors.ToString("N0", Culture));
        Row("Failed, of all", s => s.Requests == 0 ? "–" : (100d * s.Errors / s.Requests).ToString("0.##", Culture) + " %");
        Row("Refused before a call", s => s.Refused.ToString("N0", Culture));
        Row("Cost", s => "$" + s.Cost.ToDollars().ToString("0.######", Culture) + (s.UnknownCost > 0 ? $" and {s.UnknownCost.ToString("N0", Culture)} calls of unknown cost" : ""));
        Row("Duration, p50 / p95", s => $"{Milliseconds(s.Duration, 0.5)} / {Milliseconds(s.Duration, 0.95)}");
        Row("First token, p50 / p95", s => $"{Milliseconds(s.TimeToFirstToken, 0.5)} / {Milliseconds(s.TimeToFirstToken, 0.95)}");
        text.AppendLine();
    }

    private static void WriteEvents(StringBuilder text, IReadOnlyList<EventView> events)
    {
        text.AppendLine("## Timeline").AppendLine();
        if (events.Count == 0)
        {
            text.AppendLine("Nothing was taken down in this time.").AppendLine();
            return;
        }
        if (events.Count == MostEvents)
        {
            text.AppendLine(Culture, $"Only the last {MostEvents} events; choose a shorter time for all.").AppendLine();
        }
        text.AppendLine("| UTC | what | node | by |").AppendLine("|---|---|---|---|");
        foreach (EventView happened in events)
        {
            text.AppendLine(Culture, $"| {happened.At.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} | {Cell(happened.Text)} | {Cell(happened.Node)} | {Cell(happened.By ?? "")} |");
        }
        text.AppendLine();
    }

    private void WriteAffected(StringBuilder text, UsageReport models, UsageReport keys, UsageReport backends, Actor viewer)
    {
        CatalogDefinition all = catalog.Current.Definition;
        Dictionary<string, ApiKeyDefinition> known = all.Keys.GroupBy(k => k.Id).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        Dictionary<string, string> teams = all.Teams.GroupBy(t => t.Id).ToDictionary(g => g.Key, g => g.First().Name, StringComparer.Ordinal);
        WriteGroups(text, "Models", models.Groups, n => n);
        WriteGroups(text, "Backends", backends.Groups, n => catalog.Current.Backends.TryGetValue(n, out Backend? backend) ? $"{backend.Provider.Name} {backend.UpstreamModel}" : n);
        UsageGroup[] theirs = [.. keys.Groups.Where(g => viewer.IsOperatorOf(known.GetValueOrDefault(g.Name)?.Team))];
        WriteGroups(text, "Keys", theirs, n => known.TryGetValue(n, out ApiKeyDefinition? key) ? key.Name : n);
        UsageGroup[] byTeam = [.. theirs
            .Where(g => known.TryGetValue(g.Name, out ApiKeyDefinition? key) && key.Team is not null)
            .GroupBy(g => known[g.Name].Team!)
            .Select(g =>
            {
                var sums = new UsageSums();
                foreach (UsageGroup one in g)
                {
                    sums.Add(one.Sums);
                }
                return new UsageGroup(g.Key, sums);
            })];
        WriteGroups(text, "Teams", byTeam, n => teams.GetValueOrDefault(n, n));
    }

    private static void WriteGroups(StringBuilder text, string title, IReadOnlyList<UsageGroup> groups, Func<string, string> name)
    {
        UsageGroup[] shown = [.. groups.Where(g => g.Name.Length > 0).OrderByDescending(g => g.Sums.Errors).ThenByDescending(g => g.Sums.Requests)];
        if (shown.Length == 0)
        {
            return;
        }
        text.AppendLine(Culture, $"## {title}").AppendLine().AppendLine("| name | requests | failed | refused | cost | p95 |").AppendLine("|---|---:|---:|---:|---:|---:|");
        foreach (UsageGroup group in shown.Take(MostRows))
        {
            UsageSums s = group.Sums;
            text.AppendLine(Culture, $"| {Cell(name(group.Name))} | {s.Requests:N0} | {s.Errors:N0} | {s.Refused:N0} | ${s.Cost.ToDollars():0.######} | {Milliseconds(s.Duration, 0.95)} |");
        }
        text.AppendLine(shown.Length > MostRows ? string.Create(Culture, $"\nAnd {shown.Length - MostRows} more.\n") : "");
    }

    private static void WriteSeries(StringBuilder text, IReadOnlyList<UsagePoint> series)
    {
        if (series.Count == 0)
        {
            return;
        }
        long most = Math.Max(1, series.Max(p => p.Sums.Requests));
        text.AppendLine("## Course").AppendLine().AppendLine("| from, UTC | requests | failed | p95 | `█` answered, `░` failed |").AppendLine("|---|---:|---:|---:|---|");
        foreach (UsagePoint point in series)
        {
            UsageSums s = point.Sums;
            int length = (int)Math.Ceiling((double)BarLength * s.Requests / most);
            int failed = s.Requests == 0 ? 0 : (int)Math.Ceiling((double)length * s.Errors / s.Requests);
            string bar = length == 0 ? "" : $"`{new string('█', length - failed)}{new string('░', failed)}`";
            text.AppendLine(Culture, $"| {Time(point.Start)} | {s.Requests:N0} | {s.Errors:N0} | {Milliseconds(s.Duration, 0.95)} | {bar} |");
        }
        text.AppendLine();
    }

    private async Task<List<(string Kind, long Count)>> ErrorsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        (long start, long end) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        var found = await context.UsageRecords.AsNoTracking()
            .Where(r => r.StartedAtMs >= start && r.StartedAtMs < end && r.ErrorKind != null)
            .GroupBy(r => r.ErrorKind!).Select(g => new { Kind = g.Key, Count = g.LongCount() }).ToListAsync(cancellationToken);
        return [.. found.OrderByDescending(f => f.Count).Select(f => (f.Kind, f.Count))];
    }

    // A width that gives some two dozen rows.
    private static TimeSpan IntervalOf(TimeSpan length)
    {
        int[] minutes = [1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440];
        return TimeSpan.FromMinutes(minutes.FirstOrDefault(m => length.TotalMinutes / m <= Intervals, 1440));
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", Culture);

    private static string Milliseconds(LatencyHistogram histogram, double part) =>
        histogram.Percentile(part) is { } us ? (us / 1000d).ToString("0.#", Culture) + " ms" : "–";

    /// <summary>Names are whatever people typed: they must not end a cell, or become markup where the draft is shown.</summary>
    internal static string Cell(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = c switch
            {
                '|' or '`' or '*' or '[' or ']' or '\\' => safe.Append('\\').Append(c),
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                '&' => safe.Append("&amp;"),
                _ => char.IsControl(c) ? safe.Append(' ') : safe.Append(c),
            };
        }
        return safe.ToString();
    }
}
