namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/limits</c>: what teams, models, providers and the whole gateway may use.</summary>
internal static class LimitRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/limits").WithTags("Limits");
        api.MapAdmin("GET", "", ListAsync, "List limits").Gives<LimitView[]>();
        api.MapAdmin("PUT", "/gateway", SetGatewayAsync, "Set the limits of the whole gateway").Takes<LimitChange>().Gives<LimitView>().Fails(400, 409);
        api.MapAdmin("PUT", "/{scope}/{of}", SetAsync, "Set the limits of a team, model or provider, by id or name").Takes<LimitChange>().Gives<LimitView>().Fails(400, 404, 409);
    }

    private static LimitAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<LimitAdministration>();

    private static async Task ListAsync(HttpContext context) => await context.WritePageAsync(Of(context).List(), v => $"{v.Scope}/{v.Of}");

    private static Task SetGatewayAsync(HttpContext context) => SetAsync(context, "gateway", "");

    private static Task SetAsync(HttpContext context) => SetAsync(context, context.Route("scope"), context.Route("of"));

    private static async Task SetAsync(HttpContext context, string scope, string of)
    {
        if (await context.ReadAsync<LimitChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).SetAsync(scope, of, change, context.Actor(), context.RequestAborted));
        }
    }
}
