using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Ledger;

/// <summary>
/// Prices calls of the past again after a price was corrected: each change stands in the ledger with what was there before.
/// Calls that are on their way to the database (seconds old at most) are not reached.
/// </summary>
internal sealed class Repricing(AdministrationDatabase database, GatewayCatalog catalog, ILimitStore limits, TimeProvider time) : IDisposable
{
    /// <summary>Rollup rows of corrections stand under a node of their own, since a node's own rows are written whole from its memory.</summary>
    public const string Node = "ledger";

    private const int PageSize = 500;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    public void Dispose() => _oneAtATime.Dispose();

    public async Task<AdministrationResult<RepriceView>> RunAsync(RepriceChange change, Actor actor, CancellationToken cancellationToken)
    {
        DateTimeOffset to = change.To ?? time.GetUtcNow();
        if (change.From is not { } from || from >= to)
        {
            return AdministrationFailure.Invalid("from", "The window's start is needed, and is before its end.");
        }
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await using GatewayDbContext context = await database.OpenAsync(cancellationToken);
            return await RunAsync(context, change, from, to, actor, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<RepriceView> RunAsync(
        GatewayDbContext context, RepriceChange change, DateTimeOffset from, DateTimeOffset to, Actor actor, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        string batch = Guid.CreateVersion7(now).ToString("N");
        var total = new Total();
        (long lastMs, string lastId) = (from.ToUnixTimeMilliseconds() - 1, "");
        long toMs = to.ToUnixTimeMilliseconds();
        try
        {
            while (true)
            {
                List<UsageRecordRow> page = await context.UsageRecords
                    .Where(r => r.StartedAtMs < toMs && r.StartedAtMs >= lastMs && (r.StartedAtMs > lastMs || r.Id.CompareTo(lastId) > 0))
                    .Where(r => r.UsageSource != (byte)UsageSource.None && r.UpstreamModel != null)
                    .Where(r => change.UpstreamModel == null || r.UpstreamModel == change.UpstreamModel)
                    .Where(r => change.Provider == null || r.Provider == change.Provider)
                    .OrderBy(r => r.StartedAtMs).ThenBy(r => r.Id)
                    .Take(PageSize)
                    .ToListAsync(cancellationToken);
                if (page.Count == 0)
                {
                    break;
                }
                (lastMs, lastId) = (page[^1].StartedAtMs, page[^1].Id);
                List<Correction> corrections = [.. page.Select(r => Correct(r, total)).OfType<Correction>()];
                if (!change.DryRun && corrections.Count > 0)
                {
                    await SaveAsync(context, corrections, batch, actor, now, cancellationToken);
                }
                corrections.ForEach(total.Add);
                context.ChangeTracker.Clear();
            }
        }
        finally
        {
            // Also of one that whoever asked for it has left: the pages until then are corrected.
            if (!change.DryRun && total.Changed > 0)
            {
                context.ChangeTracker.Clear();
                var note = new AuditNote("ledger.reprice", batch, change.UpstreamModel ?? "all models", null, total.View(batch, dryRun: false));
                context.Audit.Add(AuditLog.NewRow(actor, note, now));
                await context.SaveChangesAsync(CancellationToken.None);
            }
        }
        return total.View(!change.DryRun && total.Changed > 0 ? batch : null, change.DryRun);
    }

    private Correction? Correct(UsageRecordRow row, Total total)
    {
        total.Examined++;
        UsageRecord record = UsageRowReader.Read(row);
        CatalogSnapshot snapshot = catalog.Current;
        ModelPrice? price = record.Provider is not null && snapshot.FindProvider(record.Provider) is { } provider
            ? snapshot.Prices.Find(record.UpstreamModel!, provider, record.StartedAt) : null;
        if (CostCalculator.Cost(record.Usage, price) is not { } answer)
        {
            total.WithoutPrice++;
            return null;
        }
        // What attempts cost beside the answer stays as it was estimated.
        NanoUsd cost = record.Attempts.Aggregate(answer, (sum, attempt) => sum + (attempt.SunkCost ?? NanoUsd.Zero));
        if (row.CostNanoUsd == cost.Value)
        {
            return null;
        }
        return new Correction(row, record, cost, price!.Version);
    }

    private async Task SaveAsync(
        GatewayDbContext context, List<Correction> corrections, string batch, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        foreach (Correction correction in corrections)
        {
            UsageRecordRow row = correction.Row;
            context.LedgerAdjustments.Add(new LedgerAdjustmentRow
            {
                Id = Guid.CreateVersion7(now).ToString("N"),
                Batch = batch,
                RecordId = row.Id,
                At = now,
                Actor = actor.Name,
                CostBeforeNanoUsd = row.CostNanoUsd,
                CostAfterNanoUsd = correction.Cost.Value,
                PriceVersionBefore = row.PriceVersion,
                PriceVersionAfter = correction.PriceVersion,
            });
            foreach (RollupResolution resolution in Enum.GetValues<RollupResolution>())
            {
                UsageRollupRow rollup = await RollupOfAsync(context, resolution, correction.Record, cancellationToken);
                rollup.CostNanoUsd += correction.Difference;
                rollup.CostUnknown -= row.CostNanoUsd is null ? 1 : 0;
            }
            (row.CostNanoUsd, row.PriceVersion) = (correction.Cost.Value, correction.PriceVersion);
        }
        await context.SaveChangesAsync(cancellationToken);
        // Whoever asked may leave now, but not between the books and what budgets count.
        await transaction.CommitAsync(CancellationToken.None);
        AdjustBudgets(corrections, now);
    }

    private static async Task<UsageRollupRow> RollupOfAsync(
        GatewayDbContext context, RollupResolution resolution, UsageRecord record, CancellationToken cancellationToken)
    {
        long start = RollupBucket.Of(resolution, record.StartedAt.ToUnixTimeMilliseconds()).StartMs;
        RollupDimensions of = RollupDimensions.Of(record);
        UsageRollupRow? row = context.UsageRollups.Local.FirstOrDefault(r => Is(r, resolution, start, of))
            ?? await context.UsageRollups.FirstOrDefaultAsync(
                r => r.Resolution == resolution && r.BucketStartMs == start && r.Node == Node
                    && r.KeyId == of.KeyId && r.Model == of.Model && r.Provider == of.Provider && r.BackendId == of.BackendId,
                cancellationToken);
        if (row is null)
        {
            row = new UsageRollupRow
            {
                Resolution = resolution,
                BucketStartMs = start,
                Node = Node,
                KeyId = of.KeyId,
                Model = of.Model,
                Provider = of.Provider,
                BackendId = of.BackendId,
            };
            context.UsageRollups.Add(row);
        }
        return row;
    }

    private static bool Is(UsageRollupRow row, RollupResolution resolution, long start, RollupDimensions of) =>
        row.Resolution == resolution && row.BucketStartMs == start
        && row.KeyId == of.KeyId && row.Model == of.Model && row.Provider == of.Provider && row.BackendId == of.BackendId;

    // What the running windows have spent is corrected, too, so that the counters stay the sums of the books.
    private void AdjustBudgets(List<Correction> corrections, DateTimeOffset now)
    {
        CatalogSnapshot snapshot = catalog.Current;
        foreach (LimitScope scope in snapshot.Scopes.Values)
        {
            foreach (Budget budget in scope.Budgets)
            {
                BudgetWindow window = budget.WindowAt(now);
                var difference = new NanoUsd(corrections.Where(c => window.Contains(c.Record.StartedAt) && Covers(c.Record)).Sum(c => c.Difference));
                budget.Meter.Correct(budget, window, difference, now);
                limits.Share(scope, budget, window, difference);
            }

            bool Covers(UsageRecord record) => scope.Covers(record.KeyId, snapshot.TeamOf(record.KeyId), record.Model, record.Provider);
        }
    }

    private sealed record Correction(UsageRecordRow Row, UsageRecord Record, NanoUsd Cost, string PriceVersion)
    {
        // The row's own cost is overwritten when the correction is saved.
        public long Before { get; } = Row.CostNanoUsd ?? 0;

        public long Difference => Cost.Value - Before;
    }

    private sealed class Total
    {
        public long Examined;
        public long Changed;
        public long WithoutPrice;
        public long Before;
        public long After;

        public void Add(Correction correction)
        {
            Changed++;
            Before += correction.Before;
            After += correction.Cost.Value;
        }

        public RepriceView View(string? batch, bool dryRun) =>
            new(batch, dryRun, Examined, Changed, WithoutPrice, new NanoUsd(Before), new NanoUsd(After));
    }
}
