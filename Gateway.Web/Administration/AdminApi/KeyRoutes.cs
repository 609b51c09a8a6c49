namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/keys</c>.</summary>
internal static class KeyRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/keys").WithTags("Keys");
        api.MapAdmin("GET", "", ListAsync, "List keys").Gives<KeyView[]>();
        api.MapAdmin("POST", "", CreateAsync, "Create a key").Takes<KeyChange>().Gives<IssuedKey>(201).Fails(400, 409);
        api.MapAdmin("GET", "/{id}", GetAsync, "Get a key").Gives<KeyView>().Fails(404);
        api.MapAdmin("GET", "/{id}/policy", GetPolicyAsync, "What a key may do on this node: its own rules, its team's and the gateway's put together").Gives<KeyPolicyView>().Fails(404);
        api.MapAdmin("PUT", "/{id}", UpdateAsync, "Change a key: fields left out stay, null clears").Takes<KeyChange>().Gives<KeyView>().Fails(400, 404, 409);
        api.MapAdmin("POST", "/{id}/rotate", RotateAsync, "Give a key a new text; the old one stays good for overlap_seconds (a day)").Takes<KeyRotation>().Gives<IssuedKey>().Fails(400, 404, 409);
        api.MapAdmin("POST", "/bulk", BulkAsync, "Enable, disable or revoke many keys: all of them, or none").Takes<KeyBulkChange>().Gives<KeyBulkResult>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}", DeleteAsync, "Revoke a key").GivesNothing().Fails(404, 409);
    }

    private static KeyAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<KeyAdministration>();

    private static async Task ListAsync(HttpContext context) =>
        await context.WritePageAsync(await Of(context).ListAsync(context.RequestAborted), v => v.Id);

    private static async Task GetAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).GetAsync(context.Route("id"), context.RequestAborted));

    private static async Task GetPolicyAsync(HttpContext context)
    {
        AdministrationResult<KeyView> key = await Of(context).GetAsync(context.Route("id"), context.RequestAborted);
        if (key.IsDone)
        {
            await context.WriteJsonAsync(context.RequestServices.GetRequiredService<KeyPolicies>().Read(key.Value.Id));
        }
        else
        {
            await context.WriteAsync(key);
        }
    }

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<KeyChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).CreateAsync(change, context.Actor(), context.RequestAborted), k => k.ApiKey.Id);
        }
    }

    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<KeyChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateAsync(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task RotateAsync(HttpContext context)
    {
        if (await context.ReadAsync<KeyRotation>() is { } rotation)
        {
            await context.WriteAsync(await Of(context).RotateAsync(context.Route("id"), rotation, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task BulkAsync(HttpContext context)
    {
        if (await context.ReadAsync<KeyBulkChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).ChangeManyAsync(change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).RevokeAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);
}
