namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/routes</c>, and <c>/admin/v1/explain</c>: which way a call would take.</summary>
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
        admin.MapGroup("/explain").WithTags("Routes")
            .MapAdmin("GET", "", ExplainAsync, "Which backend of this node would serve a call of model now, and why: as key_id, with route, provider and prefer as a client asks for them")
            .Gives<CallExplanation>().Fails(400);
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

    private static async Task ExplainAsync(HttpContext context)
    {
        var parameters = new TrafficParameters(context);
        await context.WriteAsync(context.RequestServices.GetRequiredService<CallExplainer>().Explain(new CallQuestion
        {
            Model = parameters.Text("model"),
            KeyId = parameters.Text("key_id"),
            Route = parameters.Text("route"),
            Provider = parameters.Text("provider"),
            Prefer = parameters.Text("prefer"),
        }));
    }
}
