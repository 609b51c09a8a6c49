using Gateway.Core.Catalog;
using Gateway.Web.Endpoints;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Catalog;
using Microsoft.AspNetCore.Authentication;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>The admin API: its services, and its route table.</summary>
internal static class AdminApiExtensions
{
    public const string Prefix = "/admin/v1";
    public const string DocumentPath = Prefix + "/openapi.json";
    public const string Policy = "admin-api";

    /// <summary>What everybody who is signed in may see.</summary>
    public const string ReadPolicy = "admin-api-read";

    /// <summary>What operators may do.</summary>
    public const string OperatePolicy = "admin-api-operate";

    public static IServiceCollection AddGatewayAdminApi(this IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, AdminAuthentication>(AdminAuthentication.Name, null);
        services.AddAuthorizationBuilder().AddPolicy(Policy, p => p
            .AddAuthenticationSchemes(AdminAuthentication.Name).RequireAuthenticatedUser().RequireRole(ConsoleRoles.Administrator))
            .AddPolicy(ReadPolicy, p => p.AddAuthenticationSchemes(AdminAuthentication.Name).RequireAuthenticatedUser()
                .RequireRole(ConsoleRoles.Viewer, ConsoleRoles.TeamOperator, ConsoleRoles.Operator, ConsoleRoles.Administrator))
            .AddPolicy(OperatePolicy, p => p.AddAuthenticationSchemes(AdminAuthentication.Name).RequireAuthenticatedUser()
                .RequireRole(ConsoleRoles.Operator, ConsoleRoles.Administrator));
        services.ConfigureHttpJsonOptions(o => AdministrationJson.Configure(o.SerializerOptions));
        services.AddOpenApi("v1", AdminDocument.Configure);
        return services;
    }

    /// <summary>Maps everything under <c>/admin/v1</c>, and the page that shows it. Call after authentication and authorization.</summary>
    public static void MapAdminApi(this WebApplication app)
    {
        RouteGroupBuilder api = app.MapGroup(Prefix).RequireAuthorization(Policy).DisableAntiforgery();
        ModelRoutes.Map(api);
        ProviderRoutes.Map(api);
        RouteRoutes.Map(api);
        KeyRoutes.Map(api);
        TeamRoutes.Map(api);
        LimitRoutes.Map(api);
        BudgetRoutes.Map(api);
        PriceRoutes.Map(api);
        AuditRoutes.Map(api);
        SignInRoutes.Map(api);
        UsageRoutes.Map(api);
        LedgerRoutes.Map(api);
        HealthRoutes.Map(api);
        ConfigurationRoutes.Map(api);
        BackupRoutes.Map(api);
        RouteGroupBuilder read = app.MapGroup(Prefix).RequireAuthorization(ReadPolicy).DisableAntiforgery();
        RouteGroupBuilder operate = app.MapGroup(Prefix).RequireAuthorization(OperatePolicy).DisableAntiforgery();
        TrafficRoutes.Map(read, operate);
        CaptureRoutes.Map(operate);
        SettingsRoutes.Map(read);
        TranscodeRoutes.Map(read);
        ConversationRoutes.Map(operate);
        OperationRoutes.Map(read, operate);
        AdminUnknown.Map(api);
        app.MapOpenApi(DocumentPath).RequireAuthorization(Policy);
        app.UseSwaggerUI(AdminDocument.ConfigurePage);
    }

    /// <summary>
    /// Maps one operation as a plain request delegate, which costs nothing at the start, and tells the document about it.
    /// The database being away is an answer, not a failure.
    /// </summary>
    public static IEndpointConventionBuilder MapAdmin(this RouteGroupBuilder api, string method, string pattern, RequestDelegate handle, string summary)
    {
        RequestDelegate guarded = async context =>
        {
            context.EchoRequestId();
            CatalogDefinition definition = context.RequestServices.GetRequiredService<CatalogSources>().Database.Definition;
            // Changes of the catalog look again when they are made; of what else there is nothing has an ETag.
            if (context.Condition()?.Holds(definition) == false)
            {
                await AdminProblem.WriteAsync(context, AdministrationFailure.NotAsRead.Outcome, AdministrationFailure.NotAsRead.Errors);
                return;
            }
            // Of what was there before it is read: an older tag is noticed, one that is newer than what was read would not be.
            if (method == "GET" && pattern == "/{id}" && EntryTag.Of(definition, context.Route("id")) is { } tag)
            {
                context.Response.Headers.ETag = tag;
            }
            try
            {
                await handle(context);
            }
            catch (Exception e) when (DatabaseErrors.IsFromDatabase(e) && !context.Response.HasStarted)
            {
                await AdminProblem.WriteAsync(context, AdministrationOutcome.Unavailable, AdministrationFailure.UnavailableBecause(e).Errors);
            }
        };
        return api.MapMethods(pattern, [method], guarded).WithMetadata(handle.Method).WithSummary(summary)
            .Fails(method is "PUT" or "DELETE" && pattern.Contains("{id}", StringComparison.Ordinal) ? [401, 412, 503] : [401, 503]);
    }
}
