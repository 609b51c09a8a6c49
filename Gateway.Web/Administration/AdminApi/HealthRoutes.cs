namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/health</c> and <c>/admin/v1/chaos</c>: how the backends stand on this node, and what goes wrong on purpose.</summary>
internal static class HealthRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder health = admin.MapGroup("/health").WithTags("Health");
        health.MapAdmin("GET", "", ListHealthAsync, "How every backend stands on this node, and on those that share a Redis with it").Gives<HealthView[]>().Fails(400);
        health.MapAdmin("POST", "/close", CloseAsync, "Close a backend's circuit").Takes<HealthOverride>().Gives<HealthView>().Fails(400);
        health.MapAdmin("POST", "/set-aside", SetAsideAsync, "Keep calls from a backend for a time").Takes<HealthOverride>().Gives<HealthView>().Fails(400);
        RouteGroupBuilder chaos = admin.MapGroup("/chaos").WithTags("Chaos");
        chaos.MapAdmin("GET", "", ListAsync, "List the faults that are on").Gives<ChaosView[]>().Fails(400);
        chaos.MapAdmin("POST", "", StartAsync, "Switch a fault on, for a time").Takes<ChaosChange>().Gives<ChaosView>(201).Fails(400);
        chaos.MapAdmin("DELETE", "", StopAllAsync, "Switch all faults off").GivesNothing();
        chaos.MapAdmin("DELETE", "/{id}", StopAsync, "Switch a fault off").GivesNothing().Fails(404);
    }

    private static ChaosAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<ChaosAdministration>();

    private static async Task ListHealthAsync(HttpContext context) =>
        await context.WritePageAsync(await context.RequestServices.GetRequiredService<HealthAdministration>().ListAsync(context.RequestAborted), v => v.Backend);

    private static async Task CloseAsync(HttpContext context)
    {
        if (await context.ReadAsync<HealthOverride>() is { } change)
        {
            await context.WriteAsync(await context.RequestServices.GetRequiredService<HealthAdministration>().CloseCircuitAsync(change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task SetAsideAsync(HttpContext context)
    {
        if (await context.ReadAsync<HealthOverride>() is { } change)
        {
            await context.WriteAsync(await context.RequestServices.GetRequiredService<HealthAdministration>().SetAsideAsync(change, context.Actor(), context.RequestAborted));
        }
    }

    private static Task ListAsync(HttpContext context) => context.WritePageAsync(Of(context).List(), v => v.Id);

    private static async Task StartAsync(HttpContext context)
    {
        if (await context.ReadAsync<ChaosChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).StartAsync(change, context.Actor(), context.RequestAborted), v => v.Id);
        }
    }

    private static async Task StopAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).StopAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);

    private static async Task StopAllAsync(HttpContext context)
    {
        await Of(context).StopAllAsync(context.Actor(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
