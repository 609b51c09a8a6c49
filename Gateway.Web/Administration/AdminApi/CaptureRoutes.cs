using Gateway.Core.Accounting;
using Gateway.Web.Administration.Captures;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/requests/{id}/content</c>: what was said in a call, for operators.</summary>
internal static class CaptureRoutes
{
    public static void Map(RouteGroupBuilder operating)
    {
        RouteGroupBuilder api = operating.MapGroup("/requests").WithTags("Usage");
        api.MapAdmin("GET", "/{id}/content", GetAsync, "Get what was said in a call, by its id or its request id, where an operator had it kept").Gives<CapturedCallView>().Fails(403, 404, 409);
        api.MapAdmin("DELETE", "/{id}/content", DeleteAsync, "Delete what was said in a call before its time").GivesNothing().Fails(403, 404);
    }

    private static CapturedCalls Of(HttpContext context) => context.RequestServices.GetRequiredService<CapturedCalls>();

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

    /// <summary>The call that the path names by its id or its request id; null when there is none, and then the answer was sent.</summary>
    public static async Task<UsageRecord?> CallAsync(this HttpContext context)
    {
        RequestHistory history = context.RequestServices.GetRequiredService<RequestHistory>();
        string id = context.Route("id");
        UsageRecord? call = Guid.TryParse(id, out Guid key) ? await history.FindAsync(key, context.RequestAborted) : null;
        call ??= await history.FindAsync(id, context.RequestAborted);
        if (call is null)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, "There is no call with that id or request id.");
        }
        return call;
    }
}
