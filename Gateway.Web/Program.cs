using System.Net;
using Gateway.Core.Accounting.Journaling;
using Gateway.Web.Administration.AdminApi;
using Gateway.Web.Components;
using Gateway.Web.Configuration;
using Gateway.Web.Endpoints;
using Gateway.Web.Storage;

try
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    GatewaySettings settings = builder.AddGatewayConfiguration(args);
    builder.Logging.AddGatewayLogging(settings);
    builder.WebHost.UseStaticWebAssets();
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    builder.WebHost.UseUrls($"http://{settings.Host ?? (builder.Environment.IsDevelopment() ? IPAddress.Loopback.ToString() : "*")}:{settings.Port}");
    builder.Services.AddGatewayDataPlane(
        new JournalOptions
        {
            Directory = Path.Combine(settings.DataDirectory, "journal"),
            Durability = settings.DurableJournal ? JournalDurability.Disk : JournalDurability.Process,
        },
        settings.RequestLog);
    builder.Services.AddGatewayStorage(settings.Database).AddGatewayCatalogSources();
    builder.Services.AddGatewayAdministration().AddGatewayAdminApi().AddGatewayConsole().AddGatewaySecrets();
    WebApplication app = builder.Build();
    if (args is ["migrate", ..])
    {
        return await MigrateCommand.RunAsync(app.Services.GetRequiredService<DatabaseMigrator>(), args[1..]);
    }
    app.UseAuthentication();
    app.UseAuthorization();
    app.MapDataPlane();
    app.MapAdminApi();
    app.MapGatewayConsole();
    await app.RunAsync();
    return 0;
}
catch (GatewayConfigurationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
