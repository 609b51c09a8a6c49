namespace Gateway.Web.Storage;

/// <summary>The sub-command <c>migrate up|down</c>.</summary>
internal static class MigrateCommand
{
    /// <returns>The process's exit code: 0 done, 1 the database refused, 2 wrong arguments.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] args)
    {
        DatabaseMigrator migrator = services.GetRequiredService<DatabaseMigrator>();
        try
        {
            switch (args)
            {
                case [] or ["up", ..]:
                    await migrator.UpAsync(CancellationToken.None);
                    await Console.Out.WriteLineAsync("The database is up to date.");
                    return 0;
                case ["down", ..]:
                    string? taken = await migrator.DownAsync(CancellationToken.None);
                    await Console.Out.WriteLineAsync(taken is null ? "There is no migration to take back." : $"Taken back: {taken}.");
                    return 0;
                default:
                    await Console.Error.WriteLineAsync("Usage: migrate [up|down]");
                    return 2;
            }
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The database could not be migrated: {DatabaseErrors.ReasonOf(e)}");
            return 1;
        }
    }
}
