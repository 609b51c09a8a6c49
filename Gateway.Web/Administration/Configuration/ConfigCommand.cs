using Gateway.Web.Configuration;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Web.Administration.Configuration;

/// <summary>The sub-command <c>config validate|export</c>.</summary>
internal static class ConfigCommand
{
    /// <summary>What is not valid has ended the start before, with every reason.</summary>
    public static int SayValid()
    {
        Console.Out.WriteLine("The configuration is valid.");
        return 0;
    }

    /// <summary>What files and the database declare, on standard output; the database is only read.</summary>
    /// <returns>The process's exit code: 0 done, 1 the database refused.</returns>
    public static async Task<int> ExportAsync(IServiceProvider services)
    {
        try
        {
            CatalogSources sources = services.GetRequiredService<CatalogSources>();
            CheckedConfiguration configuration = services.GetRequiredService<CheckedConfiguration>();
            sources.ReplaceFile(configuration.Catalog, configuration.Weights);
            await using GatewayDbContext context = await services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
            long version = await context.CatalogVersions.Select(v => v.Version).SingleAsync();
            CatalogRows rows = await CatalogRows.ReadAsync(context, CancellationToken.None);
            await Console.Out.WriteAsync(ConfigExport.Write(version, sources.Whole(rows)).Yaml);
            return 0;
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) || e is IOException or UnauthorizedAccessException)
        {
            string reason = DatabaseErrors.ReasonOf(e).Split('\n')[0].Trim().TrimEnd('.');
            string used = services.GetRequiredService<DatabaseSettings>().Provider == DatabaseProvider.Sqlite
                ? $"the data directory is {services.GetRequiredService<GatewaySettings>().DataDirectory}" : "it is the one of DATABASE_URL";
            await Console.Error.WriteLineAsync($"The database could not be read ({reason}; {used}). Set Gateway:DataDirectory or DATABASE_URL to the gateway's own, or let `migrate up` make one.");
            return 1;
        }
    }
}
