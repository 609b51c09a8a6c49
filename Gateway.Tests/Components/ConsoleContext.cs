using Bunit;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Limits;
using Gateway.Core.Live;
using Gateway.Providers;
using Gateway.Tests.Storage;
using Gateway.Web.Administration;
using Gateway.Web.Calls;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Health;
using Gateway.Web.Components.Pages.Overview;
using Gateway.Web.Components.Pages.Teams;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Retention;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Radzen;
using Shouldly;

namespace Gateway.Tests.Components;

/// <summary>Renders components of the console over the real administration classes and a SQLite file of its own.</summary>
internal sealed class ConsoleContext : BunitContext
{
    private readonly TestDatabase _database;

    private ConsoleContext(TestDatabase database)
    {
        _database = database;
        JSInterop.Mode = JSRuntimeMode.Loose;
        // Data are read on other threads; a busy machine needs longer for that than the second that is usual.
        DefaultWaitTimeout = Eventually.Limit;
        Services.AddLogging();
        Services.AddDataProtection();
        Services.AddGatewayDatabase(database.Settings).AddGatewayContexts(database.Settings).AddGatewayCatalogSources();
        Services.AddSingleton<SecretProtector>();
        Services.AddGatewayRetention(new RetentionSettings(0, 0, 0)).AddGatewayCaptures();
        Services.AddGatewayAdministration().AddGatewayEvents("here").AddGatewayAlerts("here");
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<GatewayCatalog>();
        Services.AddSingleton<ILimitStore>(new LocalLimits(TimeProvider.System));
        Services.AddSingleton<LiveFeed>();
        Services.AddSingleton(new ChaosSwitch(TimeProvider.System, new Random(1)));
        Services.AddSingleton<Func<GatewayOptions>>(() => Options);
        Services.AddSingleton(s => new ProviderRegistry(s.GetRequiredService<Func<GatewayOptions>>(), TimeProvider.System));
        Services.TryAddSingleton<RequestHistory>();
        Services.AddSingleton<UpstreamModels>();
        Services.AddSingleton<CallableModels>();
        Services.AddRadzenComponents();
        Services.AddScoped<Toasts>();
        Services.AddScoped<CurrentOperator>();
        Services.AddScoped<Show>();
        Services.AddScoped<PersonalAppearance>();
        Services.AddSingleton<TeamReader>();
        Services.AddSingleton<HealthReader>();
        Services.AddSingleton<OverviewReader>();
        Person = AddAuthorization();
        Person.SetAuthorized("ada");
        Person.SetPolicies(ConsolePolicies.Viewer, ConsolePolicies.TeamOperator, ConsolePolicies.Operator, ConsolePolicies.Administrator);
    }

    public GatewayOptions Options { get; set; } = new();

    /// <summary>Who sits before the page: an administrator, unless a test says otherwise.</summary>
    public Bunit.TestDoubles.BunitAuthorizationContext Person { get; }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <param name="configure">Replaces services before any is used.</param>
    public static async Task<ConsoleContext> CreateAsync(Action<IServiceCollection>? configure = null)
    {
        var context = new ConsoleContext(await TestDatabase.SqliteAsync());
        configure?.Invoke(context.Services);
        context.Get<DatabaseReady>().Set();
        return context;
    }

    /// <summary>A simulated provider with the models named.</summary>
    public async Task SimulateAsync(params string[] models)
    {
        await Get<ProviderAdministration>().CreateAsync(new ProviderChange { Name = "simulated", Kind = "simulated" }, Actor.System, default);
        foreach (string model in models)
        {
            var change = new ModelChange { Name = model, Backends = new BackendChange[] { new() { Provider = "simulated" } } };
            await Get<ModelAdministration>().CreateAsync(change, Actor.System, default);
        }
    }

    /// <summary>Calls as the drain writes them.</summary>
    public async Task StoreAsync(params UsageRecord[] calls)
    {
        await using GatewayDbContext context = await Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        await context.Database.OpenConnectionAsync();
        var writer = new UsageWriter("test", DatabaseProvider.Sqlite, TimeProvider.System);
        (await writer.WriteAsync(context.Database.GetDbConnection(), calls, JournalPosition.Start, new JournalPosition(1, 1), default)).ShouldBeTrue();
    }

    /// <summary>From here on nothing can be read or written, until it is mended.</summary>
    public Task BreakDatabaseAsync() => RenameTablesAsync(name => "away_" + name);

    public Task MendDatabaseAsync() => RenameTablesAsync(name => name["away_".Length..]);

    private async Task RenameTablesAsync(Func<string, string> rename)
    {
        await using GatewayDbContext context = await Get<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync();
        foreach (string table in await context.Database.SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").ToListAsync())
        {
#pragma warning disable EF1002 // No parameter can stand for a table's name, and these are the product's own.
            await context.Database.ExecuteSqlRawAsync($"ALTER TABLE \"{table}\" RENAME TO \"{rename(table)}\"");
#pragma warning restore EF1002
        }
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await _database.DisposeAsync();
    }
}
