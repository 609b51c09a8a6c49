using Gateway.Web.Administration.AdminApi;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Administration.SelfService;
using Gateway.Web.Components;
using Gateway.Web.Configuration;
using Gateway.Web.Endpoints;
using Gateway.Web.Endpoints.Document;
using Gateway.Web.Hosting;
using Gateway.Web.Security.Providers;
using Gateway.Web.Storage;
using Gateway.Web.Telemetry;

if (CommandLine.Tells(args))
{
    return 0;
}
if (args is ["ask", ..])
{
    return await AskCommand.RunAsync(args[1..]);
}
if (CommandLine.Refuses(args))
{
    return CommandLine.ExplainUsage();
}
try
{
    OpenFiles.Require(OpenFiles.Limit);
    if (MockUpstream.IsAsked(args))
    {
        args = MockUpstream.Arguments(args);
    }
    // Settings are followed by reading them (ConfigurationReload). The host would watch every file below, the journal's among them, and be woken at each write.
    Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, WebRootPath = WebRoot.Find(Environment.CurrentDirectory, AppContext.BaseDirectory) });
    GatewaySettings settings = builder.AddGatewayConfiguration(args);
    if (CommandLine.Validates(args))
    {
        return ConfigCommand.SayValid();
    }
    builder.Logging.AddGatewayLogging(settings);
    builder.AddGatewayServer(settings);
    builder.Services.AddGatewayDataPlane(settings);
    builder.Services.AddGatewayDatabase(settings.Database).AddGatewayCatalogSources().AddGatewayUsageDrain().AddGatewayRetention(settings.Retention).AddGatewayCaptures()
        .AddGatewayResponseStore(Path.Combine(settings.DataDirectory, "responses"), settings.DurableJournal);
    builder.Services.AddGatewayCluster(settings.Redis, settings.NodeName);
    builder.Services.AddGatewayEvents(settings.NodeName).AddGatewayMetrics(settings).AddGatewayTraces(settings);
    if (settings.ServesConsole || CommandLine.Migrates(args) || CommandLine.Exports(args))
    {
        builder.Services.AddGatewayContexts(settings.Database);
    }
    if (settings.ServesConsole)
    {
        builder.Services.AddGatewayAdministration().AddGatewayAlerts(settings.NodeName).AddGatewayAdminApi().AddGatewaySelfService().AddGatewayConsole()
            .AddGatewaySignIn(builder.Configuration, settings);
    }
    builder.Services.AddGatewaySecrets();
    builder.Services.AddCrossOrigin(settings);
    SupervisedService.WrapAll(builder.Services);

    await using WebApplication app = builder.Build();
    if (CommandLine.Migrates(args))
    {
        return await MigrateCommand.RunAsync(app.Services, args[1..]);
    }
    if (CommandLine.Exports(args))
    {
        return await ConfigCommand.ExportAsync(app.Services);
    }
    app.WarnOfOpenDoor(settings);
    app.WarnOfIgnoredVariables(settings);
    app.WarnOfUnknownSettings();
    app.WarnOfFewFiles(settings);
    app.WarnOfMissingTemporaryDirectory();
    app.UseTrustedProxies(settings);
    app.UseCrossOrigin(settings);
    // The data plane answers as soon as its route is found, so what comes before an answer stands above this.
    app.UseDirectPaths();
    app.UseRouting();
    app.MapHealth();
    app.MapMetrics(settings);
    app.MapApiDocument();
    if (settings.ServesGateway)
    {
        app.MapDataPlane();
    }
    if (settings.ServesConsole)
    {
        app.UseApiPage();
        app.UseBrowserHeaders();
        app.UseNotFoundPage();
        app.UseAuthentication();
    }
    app.UseUnknownUrl(page: "/" + AdminDocument.PagePath);
    if (settings.ServesConsole)
    {
        app.UseAuthorization();
        app.MapGatewayConsole();
        app.MapAdminApi();
        app.MapGatewaySelfService();
    }
    await app.RunUntilStoppedAsync();
    return 0;
}
catch (Exception e) when (e is GatewayConfigurationException or InvalidDataException or IOException or UnauthorizedAccessException)
{
    // A setting, a file or a port that somebody has to put right: a stack would hide the sentence that says which.
    // What is wrong in a file of settings is said by the exception within.
    await Console.Error.WriteLineAsync(e is InvalidDataException ? $"{e.Message} {e.GetBaseException().Message}" : e.Message);
    return 2;
}
