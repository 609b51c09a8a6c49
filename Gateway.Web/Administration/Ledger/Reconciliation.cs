using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Ledger;

/// <summary>Compares what we booked with what a provider asks for, by day (UTC) and upstream model.</summary>
internal sealed class Reconciliation(AdministrationDatabase database)
{
    private const long DayMs = 86_400_000;
    private const int MaxDays = 400;

    /// <param name="provider">Whose invoice it is; null compares with all providers.</param>
    /// <param name="tolerance">How far apart amounts may be and still match, in percent of theirs; amounts below a cent always match.</param>
    public async Task<AdministrationResult<InvoiceComparison>> CompareAsync(
        TextReader file, string? provider, decimal tolerance, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        List<InvoiceLine> lines = InvoiceFile.Read(file, problems);
        if (lines.Count == 0)
        {
            return AdministrationFailure.Invalid([.. problems.DefaultIfEmpty("The file has no lines.").Select(p => new CatalogError("", p))]);
        }
        (DateOnly from, DateOnly to) = (lines.Min(l => l.Day), lines.Max(l => l.Day));
        if (to.DayNumber - from.DayNumber > MaxDays)
        {
            return AdministrationFailure.Invalid("", $"The file spans more than {MaxDays} days.");
        }
        Dictionary<(DateOnly, string), Booked> ours = await OursAsync(from, to, provider, cancellationToken);
        Dictionary<(DateOnly, string), NanoUsd> theirs = lines.GroupBy(l => (l.Day, l.Model))
            .ToDictionary(g => g.Key, g => new NanoUsd(g.Sum(l => l.Cost.Value)));
        InvoiceRow[] rows =
        [
            .. ours.Keys.Union(theirs.Keys).Order()
                .Select(k => Compare(k, ours.GetValueOrDefault(k), theirs.TryGetValue(k, out NanoUsd cost) ? cost : null, tolerance)),
        ];
        NanoUsd oursTotal = new(rows.Sum(r => r.OursUsd?.Value ?? 0));
        NanoUsd theirsTotal = new(rows.Sum(r => r.TheirsUsd?.Value ?? 0));
        return new InvoiceComparison(provider, from, to, oursTotal, theirsTotal, theirsTotal - oursTotal, rows, problems);
    }

    private async Task<Dictionary<(DateOnly, string), Booked>> OursAsync(DateOnly from, DateOnly to, string? provider, CancellationToken cancellationToken)
    {
        (long fromMs, long toMs) = (StartOf(from), StartOf(to) + DayMs);
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        IQueryable<UsageRecordRow> rows = context.UsageRecords.AsNoTracking()
            .Where(r => r.StartedAtMs >= fromMs && r.StartedAtMs < toMs && r.UpstreamModel != null && r.UsageSource != (byte)Core.Accounting.UsageSource.None);
        if (provider is not null)
        {
            rows = rows.Where(r => r.Provider == provider);
        }
        var sums = await rows
            .GroupBy(r => new { Day = r.StartedAtMs / DayMs, r.UpstreamModel })
            .Select(g => new { g.Key.Day, g.Key.UpstreamModel, Cost = g.Sum(r => r.CostNanoUsd ?? 0), Unknown = g.Sum(r => r.CostNanoUsd == null ? 1 : 0) })
            .ToListAsync(cancellationToken);
        return sums.ToDictionary(
            s => (DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(s.Day * DayMs).UtcDateTime), s.UpstreamModel!),
            s => new Booked(new NanoUsd(s.Cost), s.Unknown));
    }

    private static InvoiceRow Compare((DateOnly Day, string Model) key, Booked? ours, NanoUsd? theirs, decimal tolerance)
    {
        long difference = (theirs?.Value ?? 0) - (ours?.Cost.Value ?? 0);
        bool near = Math.Abs(difference) < NanoUsd.PerDollar / 100
            || Math.Abs((decimal)difference) <= Math.Abs((decimal)(theirs?.Value ?? 0)) * tolerance / 100;
        string verdict = ours is null ? "only_theirs" : theirs is null ? "only_ours" : near ? "match" : "differs";
        return new InvoiceRow(key.Day, key.Model, ours?.Cost, theirs, new NanoUsd(difference), ours?.Unknown ?? 0, verdict);
    }

    private static long StartOf(DateOnly day) => new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private sealed record Booked(NanoUsd Cost, long Unknown);
}
