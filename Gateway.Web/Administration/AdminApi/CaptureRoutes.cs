using Gateway.Web.Administration.Captures;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>
/// Routes <c>/admin/v1/keys/{id}/capture</c>, <c>/admin/v1/captures</c> and <c>/admin/v1/requests/{id}/content</c>: having what is said
/// in calls kept, and reading it. For operators.
/// </summary>
internal static class CaptureRoutes
{
    public static void Map(RouteGroupBuilder operating)
    {
        RouteGroupBuilder keys = operating.MapGroup("/keys").WithTags("Keys");
        keys.MapAdmin("POST", "/{id}/capture", StartAsync, "Keep what is said in the key's next requests (20), until a time (in an hour)").Takes<KeyCapture>().Gives<KeyView>().Fails(400, 403, 404, 409);
        keys.MapAdmin("DELETE", "/{id}/capture", StopAsync, "Keep nothing more of what is said with the key").Gives<KeyView>().Fails(403, 404, 409);
        RouteGroupBuilder all = operating.MapGroup("/captures").WithTags("Settings");
        all.MapAdmin("GET", "", SumAsync, "How much is kept of what was said in calls").Gives<CapturedSum>();
        all.MapAdmin("DELETE", "", StopAllAsync, "Keep nothing more of what is said, with any key").Gives<KeyBulkResult>().Fails(403);
        RouteGroupBuilder api = operating.MapGroup("/requests").WithTags("Usage");
        api.MapAdmin("GET", "/{id}/content", GetAsync, "Get what was said in a call, by its id or its request id, where an operator had it kept").Gives<CapturedCallView>().Fails(403, 404, 409);
        api.MapAdmin("DELETE", "/{id}/content", DeleteAsync, "Delete what was said in a call before its time").GivesNothing().Fails(403, 404);
    }

    private static KeyCaptures Keys(HttpContext context) => context.RequestServices.GetRequiredService<KeyCaptures>();

    private static CapturedCalls Of(HttpContext context) => context.RequestServices.GetRequiredService<CapturedCalls>();

    private static async Task StartAsync(HttpContext context)
    {
        if (await context.ReadAsync<KeyCapture>() is { } capture)
        {
            await context.WriteAsync(await Keys(context).StartAsync(context.Route("id"), capture, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task StopAsync(HttpContext context) =>
        await context.WriteAsync(await Keys(context).StopAsync(context.Route("id"), context.Actor(), context.RequestAborted));

    private static async Task SumAsync(HttpContext context) => await context.WriteJsonAsync(await Of(context).SumAsync(context.RequestAborted));

    private static async Task StopAllAsync(HttpContext context) =>
        await context.WriteAsync(await Keys(context).StopAllAsync(context.Actor(), context.RequestAborted));

    private static async Task GetAsync(HttpContext context)
    {
        if (await context.CallAsync() is { } call)
        {
            context.Response.Headers.CacheControl = "no-store";
            await context.WriteAsync(await Of(context).ReadAsync(call, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        if (await context.CallAsync() is { } call)
        {
            await context.WriteAsync(await Of(context).DeleteAsync(call, context.Actor(), context.RequestAborted), StatusCodes.Status204NoContent);
        }
    }
}
