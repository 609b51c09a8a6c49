using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Usage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Benchmarks.Traffic;

/// <summary>
/// <c>fill &lt;database url&gt; [rows] [days]</c>: writes made-up calls and their rollups into a database, by the code that the
/// gateway's drain uses, so that the console can be looked at and measured with a long history.
/// </summary>
internal static class FillCommand
{
    private const int Batch = 20_000;

    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [{ } url, ..] || !DatabaseUrl.TryParse(url, out DatabaseSettings? settings, out string? error))
        {
            await Console.Error.WriteLineAsync("Usage: fill sqlite:<file> | postgres://user:password@host/database [rows = 10000000] [days = 90]");
            return 2;
        }
        if (settings.Provider == DatabaseProvider.Sqlite)
        {
            settings = settings with { ConnectionString = SqliteFile.Resolve(settings.ConnectionString, Directory.GetCurrentDirectory()) };
        }
        int rows = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10_000_000;
        int days = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 90;
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton(TimeProvider.System).AddLogging(l => l.SetMinimumLevel(LogLevel.None))
            .AddGatewayDatabase(settings).AddGatewayContexts(settings).BuildServiceProvider();
        await services.GetRequiredService<DatabaseMigrator>().UpAsync(CancellationToken.None);
        await using DbConnection connection = await services.GetRequiredService<GatewayDatabase>().OpenAsync(CancellationToken.None);
        if (settings.Provider == DatabaseProvider.Sqlite)
        {
            await using DbCommand pragmas = connection.CreateCommand();
            pragmas.CommandText = "PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA wal_autocheckpoint = 100000;";
            await pragmas.ExecuteNonQueryAsync();
        }
        await FillAsync(connection, settings.Provider, rows, TimeSpan.FromDays(days));
        await using DbCommand analyze = connection.CreateCommand();
        analyze.CommandText = settings.Provider == DatabaseProvider.Sqlite ? "PRAGMA wal_checkpoint(TRUNCATE)" : "ANALYZE";
        await analyze.ExecuteNonQueryAsync();
        return 0;
    }

    private static async Task FillAsync(DbConnection connection, DatabaseProvider provider, int rows, TimeSpan span)
    {
        // A node of its own: its rollups stand beside those of any gateway that uses the database.
        var writer = new UsageWriter("fill-" + Guid.NewGuid().ToString("N")[..12], provider, TimeProvider.System);
        var calls = new MadeUpCalls(rows, TimeProvider.System.GetUtcNow() - span, span);
        JournalPosition at = JournalPosition.Start;
        long started = Stopwatch.GetTimestamp();
        for (int done = 0; done < rows;)
        {
            UsageRecord[] batch = [.. calls.Take(Math.Min(Batch, rows - done))];
            done += batch.Length;
            var to = new JournalPosition(1, done);
            await writer.WriteAsync(connection, batch, at, to, CancellationToken.None);
            at = to;
            if (done % 500_000 == 0 || done == rows)
            {
                TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
                await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{done:N0} rows, {elapsed.TotalSeconds:0} s, {done / elapsed.TotalSeconds:N0} a second"));
            }
        }
    }
}
