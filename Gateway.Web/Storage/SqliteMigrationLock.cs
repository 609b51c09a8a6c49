using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Storage;

/// <summary>
/// Keeps two processes from migrating one SQLite file at once. EF's own lock is a row that a killed process leaves behind,
/// and every later start would wait for it for ever; a file that is held open goes with its process.
/// </summary>
internal static class SqliteMigrationLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until this process is the only one that migrates <paramref name="databaseFile"/>; dispose to let go.</summary>
    public static async Task<FileStream> AcquireAsync(string databaseFile, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(databaseFile + ".migrating", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (Directory.Exists(Path.GetDirectoryName(databaseFile)))
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Removes what a killed process left; call only while holding the lock.</summary>
    public static async Task ClearAbandonedAsync(GatewayDbContext context, CancellationToken cancellationToken)
    {
        if (await context.Database.CanConnectAsync(cancellationToken))
        {
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        }
    }
}
