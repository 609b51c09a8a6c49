using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Ledger;

/// <summary>Adds up reservations, settlements and corrections. Reading throws when the database cannot be reached.</summary>
internal sealed class LedgerBooks(AdministrationDatabase database, Journal? journal = null)
{
    private const int MostBatches = 100;

    public async Task<LedgerView> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
        await using UsageSnapshot snapshot = await UsageSnapshot.OpenAsync(context, journal, cancellationToken);
        (long fromMs, long toMs) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        IQueryable<UsageRecordRow> rows = context.UsageRecords.AsNoTracking().Where(r => r.StartedAtMs >= fromMs && r.StartedAtMs < toMs && r.Admitted);
        Sums sums = await rows.GroupBy(_ => 1).Select(g => new Sums
        {
            Calls = g.LongCount(),
            Reserved = g.Sum(r => r.ReservedNanoUsd),
            Settled = g.Sum(r => r.CostNanoUsd ?? 0),
            Overrun = g.Sum(r => (r.CostNanoUsd ?? 0) > r.ReservedNanoUsd ? (r.CostNanoUsd ?? 0) - r.ReservedNanoUsd : 0),
            Unknown = g.Sum(r => r.CostNanoUsd == null && r.UsageSource != (byte)UsageSource.None ? 1 : 0),
        }).SingleOrDefaultAsync(cancellationToken) ?? new Sums();
        foreach (UsageRecord record in snapshot.ReadTail().Where(r => r.Admitted && r.StartedAt >= from && r.StartedAt < to))
        {
            sums.Add(record);
        }
        List<LedgerAdjustmentBatch> batches = await BatchesAsync(context, rows, cancellationToken);
        return new LedgerView(
            from,
            to,
            sums.Calls,
            new NanoUsd(sums.Reserved),
            new NanoUsd(sums.Overrun),
            new NanoUsd(sums.Settled),
            new NanoUsd(sums.Reserved + sums.Overrun - sums.Settled),
            sums.Unknown,
            new NanoUsd(batches.Sum(b => b.DifferenceUsd.Value)),
            batches);
    }

    private static async Task<List<LedgerAdjustmentBatch>> BatchesAsync(
        GatewayDbContext context, IQueryable<UsageRecordRow> rows, CancellationToken cancellationToken)
    {
        var batches = await context.LedgerAdjustments.AsNoTracking()
            .Join(rows, a => a.RecordId, r => r.Id, (a, _) => a)
            .GroupBy(a => new { a.Batch, a.Actor, a.At })
            .Select(g => new { g.Key.Batch, g.Key.Actor, g.Key.At, Calls = g.LongCount(), Difference = g.Sum(a => (a.CostAfterNanoUsd ?? 0) - (a.CostBeforeNanoUsd ?? 0)) })
            .ToListAsync(cancellationToken);
        return
        [
            .. batches.Select(b => new LedgerAdjustmentBatch(b.Batch, b.At, b.Actor, b.Calls, new NanoUsd(b.Difference)))
                .OrderByDescending(b => b.At).Take(MostBatches),
        ];
    }

    private sealed class Sums
    {
        public long Calls { get; set; }
        public long Reserved { get; set; }
        public long Settled { get; set; }
        public long Overrun { get; set; }
        public long Unknown { get; set; }

        public void Add(UsageRecord record)
        {
            long cost = record.Cost?.Value ?? 0;
            Calls++;
            Reserved += record.ReservedCost.Value;
            Settled += cost;
            Overrun += Math.Max(cost - record.ReservedCost.Value, 0);
            Unknown += record.Cost is null && record.Usage.Source != UsageSource.None ? 1 : 0;
        }
    }
}
