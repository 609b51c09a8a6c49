namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/prices</c>.</summary>
internal static class PriceRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/prices").WithTags("Prices");
        api.MapAdmin("GET", "", ListAsync, "List prices").Gives<PriceView[]>();
        api.MapAdmin("POST", "", CreateAsync, "Create a price").Takes<PriceChange>().Gives<PriceView>(201).Fails(400, 409);
        api.MapAdmin("GET", "/all", ListAllAsync, "List all prices, the built-in ones among them, and which are in force").Gives<PriceEntryView[]>();
        api.MapAdmin("GET", "/unknown", ListUnknownAsync, "List the models called in the last 30 days whose price is not known").Gives<UnpricedModelView[]>();
        api.MapAdmin("GET", "/{id}", GetAsync, "Get a price").Gives<PriceView>().Fails(404);
        api.MapAdmin("PUT", "/{id}", UpdateAsync, "Change a price: fields left out stay, null clears").Takes<PriceChange>().Gives<PriceView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}", DeleteAsync, "Delete a price").GivesNothing().Fails(404, 409);
    }

    private static PriceAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<PriceAdministration>();

    private static PriceBook Book(HttpContext context) => context.RequestServices.GetRequiredService<PriceBook>();

    private static async Task ListAsync(HttpContext context) =>
        await context.WritePageAsync(await Of(context).ListAsync(context.RequestAborted), v => v.Id);

    private static async Task ListAllAsync(HttpContext context) =>
        await context.WritePageAsync(await Book(context).ListAsync(context.RequestAborted), e => e.Price.Id);

    private static async Task ListUnknownAsync(HttpContext context) =>
        await context.WriteJsonAsync(await Book(context).UnknownAsync(context.RequestAborted));

    private static async Task GetAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).GetAsync(context.Route("id"), context.RequestAborted));

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<PriceChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).CreateAsync(change, context.Actor(), context.RequestAborted), v => v.Id);
        }
    }

    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<PriceChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateAsync(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).DeleteAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);
}
