using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Providers;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/providers</c>.</summary>
internal static class ProviderRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/providers").WithTags("Providers");
        api.MapAdmin("GET", "", ListAsync, "List providers").Gives<ProviderView[]>();
        api.MapAdmin("POST", "", CreateAsync, "Create a provider").Takes<ProviderChange>().Gives<ProviderView>(201).Fails(400, 409);
        api.MapAdmin("GET", "/capabilities", CapabilitiesAsync, "What each kind of provider serves: native, compatible or planned").Gives<CapabilityView[]>();
        api.MapAdmin("GET", "/{id}", GetAsync, "Get a provider").Gives<ProviderView>().Fails(404);
        api.MapAdmin("PUT", "/{id}", UpdateAsync, "Change a provider: fields left out stay, null clears").Takes<ProviderChange>().Gives<ProviderView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}", DeleteAsync, "Delete a provider").GivesNothing().Fails(404, 409);
        api.MapAdmin("GET", "/{id}/pool", PoolAsync, "How the credentials stand on this node: calls in flight, limits, what is set aside and until when").Gives<CredentialStatus[]>().Fails(404);
        api.MapAdmin("POST", "/{id}/test", TestAsync, "Call the upstream once and say what was found").Gives<ProviderTestResult>().Fails(404);
    }

    private static ProviderAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<ProviderAdministration>();

    private static async Task ListAsync(HttpContext context) =>
        await context.WritePageAsync(await Of(context).ListAsync(context.RequestAborted), v => v.Id);

    private static async Task GetAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).GetAsync(context.Route("id"), context.RequestAborted));

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<ProviderChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).CreateAsync(change, context.Actor(), context.RequestAborted), v => v.Id);
        }
    }

    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<ProviderChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateAsync(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).DeleteAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);

    private static Task CapabilitiesAsync(HttpContext context) => context.WriteJsonAsync(
        new CapabilityMatrix(context.RequestServices.GetRequiredService<ProviderRegistry>()).Rows.Select(row => new CapabilityView(
            row.Kind.ToName(),
            Capability.All.Zip(row.Levels).ToDictionary(p => p.First.Name, p => p.Second.ToString().ToLowerInvariant()))).ToArray());

    private static async Task PoolAsync(HttpContext context) =>
        await context.WriteAsync(Of(context).Pool(context.Route("id")));

    private static async Task TestAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).TestAsync(context.Route("id"), context.RequestAborted));
}
