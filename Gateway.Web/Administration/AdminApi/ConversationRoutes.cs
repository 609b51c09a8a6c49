using Gateway.Web.Administration.Conversations;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/conversations</c>: the caller's own, and nobody else's.</summary>
internal static class ConversationRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/conversations").WithTags("Trying");
        api.MapAdmin("GET", "", ListAsync, "List your conversations, the one last changed first").Gives<ConversationHead[]>();
        api.MapAdmin("POST", "", CreateAsync, "Keep a conversation; of more than 100 the oldest goes").Takes<ConversationChange>().Gives<ConversationView>(201).Fails(400);
        api.MapAdmin("DELETE", "", DeleteAllAsync, "Delete all your conversations").GivesNothing();
        api.MapAdmin("GET", "/{id}", GetAsync, "Get one of your conversations").Gives<ConversationView>().Fails(404);
        api.MapAdmin("PUT", "/{id}", UpdateAsync, "Rename or replace one: fields left out stay").Takes<ConversationChange>().Gives<ConversationView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}", DeleteAsync, "Delete one of your conversations").GivesNothing().Fails(404);
    }

    private static ConversationAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<ConversationAdministration>();

    private static async Task ListAsync(HttpContext context) =>
        await context.WritePageAsync(await Of(context).ListAsync(context.Actor(), context.RequestAborted), v => v.Id);

    private static async Task GetAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).GetAsync(context.Route("id"), context.Actor(), context.RequestAborted));

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<ConversationChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).CreateAsync(change, context.Actor(), context.RequestAborted), v => v.Id);
        }
    }

    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<ConversationChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateAsync(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).DeleteAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);

    private static async Task DeleteAllAsync(HttpContext context)
    {
        await Of(context).DeleteAllAsync(context.Actor(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
