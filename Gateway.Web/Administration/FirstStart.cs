using Gateway.Core.Catalog;
using Gateway.Web.Administration.SignIn;
using Gateway.Web.Configuration;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Gateway.Web.Administration;

/// <summary>
/// What happens once in the life of a database: the administrator's password is made and printed, and in Development there
/// is a simulated provider to play with, with a key. Nothing is printed a second time.
/// </summary>
internal sealed partial class FirstStart(
    LocalAdministrator administrator,
    DemonstrationCatalog demonstration,
    CatalogSources sources,
    GatewayCatalog catalog,
    GatewaySettings settings,
    IHostEnvironment environment,
    IServer server,
    SignInRulesAdministration rules,
    ILogger<FirstStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await catalog.Loaded.WaitAsync(stoppingToken);
            string? password = settings is { ServesConsole: true, LocalSignIn: true } ? await administrator.EnsureAsync(stoppingToken) : null;
            IssuedKey? key = null;
            try
            {
                key = environment.IsDevelopment() && settings.Role == "all" && IsEmpty ? await demonstration.CreateAsync(stoppingToken) : null;
            }
            finally
            {
                // Whatever became of the demonstration: the password is told this once.
                if (password is not null || key is not null)
                {
                    Console.Out.WriteLine(FirstStartText.Compose(BaseUrl(), password, key?.Key));
                }
            }
            await WarnWhenNobodyCanAdministrateAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (Exception e) when (DatabaseErrors.IsFromDatabase(e))
        {
            LogFailed(DatabaseErrors.ReasonOf(e));
        }
    }

    private async Task WarnWhenNobodyCanAdministrateAsync(CancellationToken cancellationToken)
    {
        if (settings is { ServesConsole: true, LocalSignIn: false } && (await rules.CurrentAsync(cancellationToken)).Rules.All(r => r.Role != ConsoleRoles.Administrator))
        {
            LogNoAdministrator();
        }
    }

    private bool IsEmpty =>
        sources.Database is { Version: 0 } && sources.File is { Models.Count: 0, Providers.Count: 0, Keys.Count: 0 };

    private string BaseUrl()
    {
        string? address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return address is null ? $"http://localhost:{settings.Port}"
            : address.Replace("[::]", "localhost").Replace("0.0.0.0", "localhost").Replace("127.0.0.1", "localhost").TrimEnd('/');
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nobody can become an administrator of the console: Gateway:SignIn:Local is false, and no rule of sign-in gives that role. Declare one under Gateway:SignIn:Rules, or send one to /admin/v1/sign-in/rules with the admin key.")]
    private partial void LogNoAdministrator();

    [LoggerMessage(Level = LogLevel.Error, Message = "The first start could not be finished; restart when the database is back. {Reason}")]
    private partial void LogFailed(string reason);
}
