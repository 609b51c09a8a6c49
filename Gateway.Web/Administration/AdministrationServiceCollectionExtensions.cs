using Gateway.Web.Administration;
using Gateway.Web.Administration.Appearances;
using Gateway.Web.Administration.Backups;
using Gateway.Web.Administration.Budgets;
using Gateway.Web.Administration.Captures;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Administration.Configuration.Trial;
using Gateway.Web.Administration.Conversations;
using Gateway.Web.Administration.Ledger;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Administration.Settings;
using Gateway.Web.Administration.SignIn;
using Gateway.Web.Administration.Traffic;

namespace Microsoft.Extensions.DependencyInjection;

internal static class AdministrationServiceCollectionExtensions
{
    /// <summary>Adds what the console's pages and the admin API change the gateway with.</summary>
    public static IServiceCollection AddGatewayAdministration(this IServiceCollection services) => services
        .AddSingleton<AdministrationDatabase>()
        .AddSingleton<CatalogChanges>()
        .AddSingleton<AuditLog>()
        .AddSingleton<CallNames>()
        .AddSingleton<UsageQueries>()
        .AddSingleton<RequestHistory>()
        .AddSingleton<Exploration>()
        .AddSingleton<SavedViews>()
        .AddSingleton<RunningCallAdministration>()
        .AddSingleton<CapturedCalls>()
        .AddSingleton<SettingsReading>()
        .AddSingleton<ProviderRowChanges>()
        .AddSingleton<ProviderProbe>()
        .AddSingleton<HealthAdministration>()
        .AddSingleton<CallExplainer>()
        .AddSingleton<ChaosAdministration>()
        .AddSingleton<ModelAdministration>()
        .AddSingleton<ProviderAdministration>()
        .AddSingleton<RouteAdministration>()
        .AddSingleton<KeyAdministration>()
        .AddSingleton<KeyCaptures>()
        .AddSingleton<KeyPolicies>()
        .AddSingleton<TeamAdministration>()
        .AddSingleton<LimitAdministration>()
        .AddSingleton<SpendReader>()
        .AddSingleton<BudgetForecasts>()
        .AddSingleton<BudgetAdministration>()
        .AddSingleton<PriceAdministration>()
        .AddSingleton<PriceBook>()
        .AddSingleton<LedgerBooks>()
        .AddSingleton<Repricing>()
        .AddSingleton<Reconciliation>()
        .AddSingleton<OperationDocuments>()
        .AddSingleton<OperationTimeline>()
        .AddSingleton<BackendTimelines>()
        .AddSingleton<SloBoard>()
        .AddSingleton<AlertAdministration>()
        .AddSingleton<AlertChannels>()
        .AddSingleton<IncidentReport>()
        .AddSingleton<BackupSecrets>()
        .AddSingleton<BackupAdministration>()
        .AddSingleton<ConfigHistory>()
        .AddSingleton<ConfigDrafts>()
        .AddSingleton<ConfigExport>()
        .AddSingleton<DraftReplay>()
        .AddSingleton<SignInRulesAdministration>()
        .AddSingleton<ConversationAdministration>()
        .AddSingleton<AppearanceAdministration>()
        .AddSingleton<FirstSteps>()
        .AddSingleton<LocalAdministrator>()
        .AddSingleton<DemonstrationCatalog>()
        .AddHostedService<FirstStart>();
}
