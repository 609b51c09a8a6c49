namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/models</c>.</summary>
internal static class ModelRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/models").WithTags("Models");
        api.MapAdmin("GET", "", ListAsync, "List models").Gives<ModelView[]>();
        api.MapAdmin("POST", "", CreateAsync, "Create a model").Takes<ModelChange>().Gives<ModelView>(201).Fails(400, 409);
        api.MapAdmin("GET", "/{id}", GetAsync, "Get a model").Gives<ModelView>().Fails(404);
        api.MapAdmin("PUT", "/{id}", UpdateAsync, "Change a model: fields left out stay, null clears").Takes<ModelChange>().Gives<ModelView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}", DeleteAsync, "Delete a model").GivesNothing().Fails(404, 409);
        api.MapAdmin("POST", "/{id}/backends", AddBackendAsync, "Add a backend: a url, or the name of a provider").Takes<BackendChange>().Gives<BackendView>(201).Fails(400, 404, 409);
        api.MapAdmin("PUT", "/{id}/backends/{bid}", UpdateBackendAsync, "Change a backend").Takes<BackendChange>().Gives<BackendView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}/backends/{bid}", RemoveBackendAsync, "Remove a backend").GivesNothing().Fails(404, 409);
    }

    private static ModelAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<ModelAdministration>();

    private static async Task ListAsync(HttpContext context) =>
        await context.WritePageAsync(await Of(context).ListAsync(context.RequestAborted), v => v.Id);

    private static async Task GetAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).GetAsync(context.Route("id"), context.RequestAborted));

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<ModelChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).CreateAsync(change, context.Actor(), context.RequestAborted), v => v.Id);
        }
    }

    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<ModelChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateAsync(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).DeleteAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);

    private static async Task AddBackendAsync(HttpContext context)
    {
        if (await context.ReadAsync<BackendChange>() is { } change)
        {
            await context.WriteCreatedAsync(
                await Of(context).AddBackendAsync(context.Route("id"), change, context.Actor(), context.RequestAborted), b => b.Id);
        }
    }

    private static async Task UpdateBackendAsync(HttpContext context)
    {
        if (await context.ReadAsync<BackendChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateBackendAsync(
                context.Route("id"), context.Route("bid"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task RemoveBackendAsync(HttpContext context) => await context.WriteAsync(
        await Of(context).RemoveBackendAsync(context.Route("id"), context.Route("bid"), context.Actor(), context.RequestAborted), 204);
}
