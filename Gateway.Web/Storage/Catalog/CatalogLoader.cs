using System.Data.Common;
using Gateway.Core.Catalog;
using Gateway.Web.Configuration;

namespace Gateway.Web.Storage.Catalog;

/// <summary>
/// Puts the catalog in force: what files declare before the first request, what the database declares as soon as it is
/// migrated and read, and other nodes' changes by polling the version row, or at once when they tell
/// of them. While the database is away everything stays as
/// it was last seen.
/// </summary>
internal sealed partial class CatalogLoader(
    CatalogSources sources,
    CatalogSignal signal,
    GatewayCatalog catalog,
    CatalogRowReader rows,
    CheckedConfiguration configuration,
    DatabaseSchema schema,
    GatewayDatabase database,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<CatalogLoader> logger) : BackgroundService
{
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(400);

    private bool _isAway;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Not when it starts again after a failure of its own: the files may have changed since.
        IReadOnlyList<CatalogError> errors = ExecuteTask is null ? sources.ReplaceFile(configuration.Catalog, configuration.Weights) : [];
        return errors.Count > 0
            ? throw new GatewayConfigurationException([.. errors.Select(e => $"{e.Path}: {e.Message}")])
            : base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            TimeSpan interval = configuration.Settings.CatalogRefreshInterval;
            interval = interval <= TimeSpan.Zero || interval > Slowest ? Slowest : interval;
            while (true)
            {
                await LookAsync(stoppingToken);
                await signal.WaitAsync(sources.Database.Version, interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <summary>One look at the database; never throws for its being away.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await schema.EnsureAsync(cancellationToken);
            await RefreshAsync(cancellationToken);
            if (_isAway)
            {
                _isAway = false;
                LogBack();
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, requests go on being served from what is known.
            // Once per outage, not twice a second.
            if (!_isAway)
            {
                _isAway = true;
                LogAway(DatabaseErrors.IsFromDatabase(e) ? null : e, DatabaseErrors.ReasonOf(e));
            }
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        DatabaseCatalog before = sources.Database;
        await database.EnsureAnswersAsync(time, cancellationToken);
        await using DbConnection connection = await database.OpenAsync(cancellationToken);
        if (await CatalogTables.ReadVersionAsync(connection, cancellationToken) == before.Version)
        {
            return;
        }
        DatabaseCatalog read = await DatabaseCatalog.ReadAsync(connection, rows, cancellationToken);
        if (before.Version == DatabaseCatalog.Unread.Version)
        {
            await sources.ReplaceDatabaseLeavingOutInvalidAsync(read);
            catalog.MarkLoaded();
            return;
        }
        IReadOnlyList<CatalogError> errors = await sources.ReplaceDatabaseAsync(read, before);
        if (errors.Count > 0)
        {
            LogRefused(string.Join(" | ", errors.Select(e => $"{e.Path}: {e.Message}")));
        }
    }

    /// <summary>The first requests need the processor more than EF does; where files declare keys there may be some.</summary>
    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
        if (configuration.Catalog.Keys.Count > 0)
        {
            await Task.Delay(HeadStart, time, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database cannot be reached; the catalog stays as it was last read. {Reason}")]
    private partial void LogAway(Exception? exception, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database is back.")]
    private partial void LogBack();

    [LoggerMessage(Level = LogLevel.Error, Message = "The database's catalog is not valid together with the files and was refused; the old one stays in force. {Reasons}")]
    private partial void LogRefused(string reasons);
}
