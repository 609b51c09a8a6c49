namespace Gateway.Web.Storage;

/// <summary>
/// Sees to it that the schema is up to date before anything else is done with the database: looks, which is cheap, and only
/// if it has to, migrates. A migration that failed is not tried again at once; until then another node, or an operator with
/// <c>migrate up</c>, may have done it.
/// </summary>
internal sealed class DatabaseSchema(GatewayDatabase database, ISchemaMigration migration, DatabaseReady ready, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private long? _failedAt;

    /// <exception cref="System.Data.Common.DbException">The database cannot be reached, or refuses a statement.</exception>
    /// <exception cref="SchemaException">The schema is older than this build.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (ready.IsReady)
        {
            return;
        }
        try
        {
            if (!await SchemaVersion.IsCurrentAsync(database, cancellationToken))
            {
                await MigrateAsync(cancellationToken);
            }
        }
        catch
        {
            ready.SetFailed();
            throw;
        }
        ready.Set();
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (_failedAt is { } at && time.GetElapsedTime(at) < Pause)
        {
            throw new SchemaException("The database's schema is older than this version needs, and migrating it failed. Look at the log, or run `migrate up`.");
        }
        try
        {
            await migration.UpAsync(cancellationToken);
        }
        catch
        {
            _failedAt = time.GetTimestamp();
            throw;
        }
    }
}
