using System.Data.Common;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Web.Storage.Usage;

/// <summary>
/// After a crash: puts the calls that were running into the journal, as estimated, unless they are in it or in the database
/// already. Each is in the books once, however often this itself is cut off.
/// </summary>
internal sealed partial class InterruptedCalls(
    InFlightTable table,
    Journal journal,
    GatewayCatalog catalog,
    ILimitStore limits,
    GatewayDatabase database,
    DatabaseSchema schema,
    TimeProvider time,
    ILogger<InterruptedCalls> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the books are whole.</summary>
    public Task Done => _done.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not on the thread that starts the host.
        await Task.Yield();
        try
        {
            IReadOnlyList<InterruptedCall> left = table.ReadLeft();
            if (left.Count > 0)
            {
                await RecordAsync(left, stoppingToken);
            }
            table.ForgetLeft();
            _done.TrySetResult();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // They stay where they are for the next start.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(e.Message);
            _done.TrySetResult();
        }
    }

    private async Task RecordAsync(IReadOnlyList<InterruptedCall> left, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        HashSet<Guid> known = [.. ReadJournal()];
        List<InterruptedCall> unknown = [.. left.Where(c => !known.Contains(c.Record.Id)).DistinctBy(c => c.Record.Id)];
        known = await KnownToDatabaseAsync(unknown, cancellationToken);
        int recorded = 0;
        foreach (InterruptedCall call in unknown.Where(c => !known.Contains(c.Record.Id)))
        {
            UsageRecord record = Estimate(call, catalog.Current);
            while (!await journal.AppendAsync(record))
            {
                // The disk is full; what is forgotten now is never recorded.
                await Task.Delay(Pause, time, cancellationToken);
            }
            Share(record);
            recorded++;
        }
        if (recorded > 0)
        {
            LogRecorded(recorded);
        }
    }

    private IEnumerable<Guid> ReadJournal()
    {
        using JournalReader reader = journal.OpenReader(JournalPosition.Start);
        while (reader.TryRead(out UsageRecord? record))
        {
            yield return record.Id;
        }
    }

    private async Task<HashSet<Guid>> KnownToDatabaseAsync(List<InterruptedCall> calls, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await schema.EnsureAsync(cancellationToken);
                await using DbConnection connection = await database.OpenAsync(cancellationToken);
                var known = new HashSet<Guid>();
                foreach (InterruptedCall call in calls)
                {
                    await using DbCommand command = connection.CreateCommand();
                    command.CommandText = "SELECT COUNT(*) FROM \"usage_records\" WHERE \"id\" = @p0";
                    command.AddParameters([call.Record.Id.ToString("N")]);
                    if (Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), null) > 0)
                    {
                        known.Add(call.Record.Id);
                    }
                }
                return known;
            }
            catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    // Nobody settled it. This process's own budgets learn of it from the books, before they let anything through.
    private void Share(UsageRecord record)
    {
        if (record.Cost is not { } cost)
        {
            return;
        }
        CatalogSnapshot snapshot = catalog.Current;
        DateTimeOffset now = time.GetUtcNow();
        foreach (LimitScope scope in snapshot.Scopes.Values.Where(s => s.Covers(record.KeyId, snapshot.TeamOf(record.KeyId), record.Model, record.Provider)))
        {
            foreach (Budget budget in scope.Budgets.Where(b => b.WindowAt(now).Contains(record.StartedAt)))
            {
                limits.Share(scope, budget, budget.WindowAt(now), cost);
            }
        }
    }

    /// <summary>Its entry in the books.</summary>
    internal static UsageRecord Estimate(InterruptedCall call, CatalogSnapshot catalog)
    {
        UsageRecord record = call.Record;
        // What was not streamed may have been made whole: nobody can tell, so it counts as what was reserved.
        long output = record.Streamed || !record.Operation.Generates() ? call.OutputTokens : Math.Max(record.ReservedTokens - call.InputTokens, 0);
        record.Usage = new Core.Accounting.Usage(record.Operation.IsEstimated() ? UsageSource.Estimated : UsageSource.Unknown, call.InputTokens, 0, 0, output, 0);
        record.Status = 499;
        record.ErrorKind = GatewayErrorKind.Interrupted.ToName();
        record.ErrorMessage = "The gateway's process ended while this call ran; what it used is estimated.";
        Backend? called = call.BackendMark == 0 ? null : catalog.Backends.Values.FirstOrDefault(b => InterruptedCall.MarkOf(b.Id) == call.BackendMark);
        if (called is null)
        {
            record.ErrorMessage += " Which backend had it is not known; the model's first one is taken.";
        }
        if ((called ?? (record.Model is null ? null : catalog.FindModel(record.Model)?.Backends.FirstOrDefault())) is { } backend)
        {
            (record.Provider, record.BackendId, record.UpstreamModel) = (backend.Provider.Name, backend.Id, backend.UpstreamModel);
            ModelPrice? price = catalog.Prices.Find(backend.UpstreamModel, backend.Provider, record.StartedAt);
            record.Cost = CostCalculator.Cost(record.Usage, price);
            record.PriceVersion = price?.Version;
        }
        return record;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} calls were running when the process before this one ended; they are recorded as interrupted, with what they used estimated.")]
    private partial void LogRecorded(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The calls that were running when the process before this one ended cannot be read: {Reason}")]
    private partial void LogUnreadable(string reason);
}
