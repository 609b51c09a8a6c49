namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/routes</c>.</summary>
internal static class RouteRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/routes").WithTags("Routes");
        api.MapAdmin("GET", "", ListAsync, "List routes").Gives<RouteView[]>();
        api.MapAdmin("POST", "", CreateAsync, "Create a route").Takes<RouteChange>().Gives<RouteView>(201).Fails(400, 409);
        api.MapAdmin("GET", "/{id}", GetAsync, "Get a route").Gives<RouteView>().Fails(404);
        api.MapAdmin("PUT", "/{id}", UpdateAsync, "Change a route: fields left out stay, null clears").Takes<RouteChange>().Gives<RouteView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}", DeleteAsync, "Delete a route").GivesNothing().Fails(404, 409);
    }

    private static RouteAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<RouteAdministration>();

    private static async Task ListAsync(HttpContext context) =>
        await context.WritePageAsync(await Of(context).ListAsync(context.RequestAborted), v => v.Id);

    private static async Task GetAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).GetAsync(context.Route("id"), context.RequestAborted));

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<RouteChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).CreateAsync(change, context.Actor(), context.RequestAborted), v => v.Id);
        }
    }

    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<RouteChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateAsync(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).DeleteAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);
}
