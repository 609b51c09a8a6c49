namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/teams</c>.</summary>
internal static class TeamRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/teams").WithTags("Teams");
        api.MapAdmin("GET", "", ListAsync, "List teams").Gives<TeamView[]>();
        api.MapAdmin("POST", "", CreateAsync, "Create a team").Takes<TeamChange>().Gives<TeamView>(201).Fails(400, 409);
        api.MapAdmin("GET", "/{id}", GetAsync, "Get a team").Gives<TeamView>().Fails(404);
        api.MapAdmin("PUT", "/{id}", UpdateAsync, "Change a team: fields left out stay, null clears").Takes<TeamChange>().Gives<TeamView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}", DeleteAsync, "Delete a team").GivesNothing().Fails(404, 409);
    }

    private static TeamAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<TeamAdministration>();

    private static async Task ListAsync(HttpContext context) => await context.WritePageAsync(Of(context).List(), v => v.Id);

    private static async Task GetAsync(HttpContext context) => await context.WriteAsync(Of(context).Get(context.Route("id")));

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<TeamChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).CreateAsync(change, context.Actor(), context.RequestAborted), v => v.Id);
        }
    }

    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<TeamChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateAsync(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).DeleteAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);
}
