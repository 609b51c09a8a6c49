using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Gateway.Web.Storage;

/// <summary>
/// Brings the database's schema up to date, at the start and for the sub-command <c>migrate</c>. Safe when several
/// processes start at once: one migrates, the others wait and find nothing left to do.
/// </summary>
internal sealed partial class DatabaseMigrator(
    IDbContextFactory<GatewayDbContext> contexts, DatabaseSettings settings, TimeProvider time, ILogger<DatabaseMigrator> logger)
    : ISchemaMigration
{
    private const int Attempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Applies what is missing; quick when nothing is.</summary>
    /// <exception cref="DbException">The database cannot be reached or refuses a statement.</exception>
    public async Task UpAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await MigrateAsync(context, null, cancellationToken);
                return;
            }
            catch (DbException e) when (attempt < Attempts && e.IsTransient)
            {
                LogRetry(e.Message);
            }
            // Two processes that both create the history table of an empty PostgreSQL database: the loser sees a
            // duplicate, and the table.
            catch (DbException e) when (attempt < Attempts && e.SqlState is "23505" or "42P07" or "42P06")
            {
                LogRetry(e.Message);
            }
            await Task.Delay(Pause * attempt, time, cancellationToken);
        }
    }

    /// <summary>Takes the last migration back, with the data that it held.</summary>
    /// <returns>The migration that was taken back; null when there was none.</returns>
    public async Task<string?> DownAsync(CancellationToken cancellationToken)
    {
        await using GatewayDbContext context = await contexts.CreateDbContextAsync(cancellationToken);
        string[] applied = [.. await context.Database.GetAppliedMigrationsAsync(cancellationToken)];
        if (applied.Length == 0)
        {
            return null;
        }
        await MigrateAsync(context, applied.Length == 1 ? Migration.InitialDatabase : applied[^2], cancellationToken);
        return applied[^1];
    }

    private async Task MigrateAsync(GatewayDbContext context, string? target, CancellationToken cancellationToken)
    {
        IMigrator migrator = context.GetService<IMigrator>();
        if (settings.Provider == DatabaseProvider.Sqlite && SqliteFile.Name(settings.ConnectionString) is { } file)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using FileStream held = await SqliteMigrationLock.AcquireAsync(file, time, cancellationToken);
            if (target is not null || await HasPendingAsync(context, cancellationToken))
            {
                await SqliteMigrationLock.ClearAbandonedAsync(context, cancellationToken);
                await migrator.MigrateAsync(target, cancellationToken);
            }
        }
        else if (settings.Provider == DatabaseProvider.Postgres)
        {
            await using PostgresMigrationLock held = await PostgresMigrationLock.AcquireAsync(new GatewayDatabase(settings), cancellationToken);
            await MigrateIfNeededAsync(context, migrator, target, cancellationToken);
        }
        else
        {
            await MigrateIfNeededAsync(context, migrator, target, cancellationToken);
        }
    }

    private static async Task MigrateIfNeededAsync(GatewayDbContext context, IMigrator migrator, string? target, CancellationToken cancellationToken)
    {
        if (target is not null || await HasPendingAsync(context, cancellationToken))
        {
            await migrator.MigrateAsync(target, cancellationToken);
        }
    }

    private static async Task<bool> HasPendingAsync(GatewayDbContext context, CancellationToken cancellationToken) =>
        (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is not ready to be migrated, trying again: {Reason}")]
    private partial void LogRetry(string reason);
}
