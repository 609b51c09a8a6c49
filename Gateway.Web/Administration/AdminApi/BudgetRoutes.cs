using Gateway.Web.Administration.Budgets;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/budgets</c>.</summary>
internal static class BudgetRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        RouteGroupBuilder api = admin.MapGroup("/budgets").WithTags("Budgets");
        api.MapAdmin("GET", "", ListAsync, "List budgets and how they stand").Gives<BudgetView[]>();
        api.MapAdmin("POST", "", CreateAsync, "Create a budget").Takes<BudgetChange>().Gives<BudgetView>(201).Fails(400, 409);
        api.MapAdmin("GET", "/{id}", GetAsync, "Get a budget").Gives<BudgetView>().Fails(404);
        api.MapAdmin("GET", "/{id}/forecast", ForecastAsync, "What is left of a budget over its window, and when it will be spent").Gives<BudgetForecastView>().Fails(404);
        api.MapAdmin("PUT", "/{id}", UpdateAsync, "Change a budget: fields left out stay, null clears").Takes<BudgetChange>().Gives<BudgetView>().Fails(400, 404, 409);
        api.MapAdmin("DELETE", "/{id}", DeleteAsync, "Delete a budget").GivesNothing().Fails(404, 409);
    }

    private static BudgetAdministration Of(HttpContext context) => context.RequestServices.GetRequiredService<BudgetAdministration>();

    private static async Task ListAsync(HttpContext context) => await context.WritePageAsync(await Of(context).ListAsync(null, context.RequestAborted), v => v.Id);

    private static async Task GetAsync(HttpContext context) => await context.WriteAsync(Of(context).Get(context.Route("id")));

    private static async Task ForecastAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).ForecastAsync(context.Route("id"), context.RequestAborted));

    private static async Task CreateAsync(HttpContext context)
    {
        if (await context.ReadAsync<BudgetChange>() is { } change)
        {
            await context.WriteCreatedAsync(await Of(context).CreateAsync(change, context.Actor(), context.RequestAborted), v => v.Id);
        }
    }

    private static async Task UpdateAsync(HttpContext context)
    {
        if (await context.ReadAsync<BudgetChange>() is { } change)
        {
            await context.WriteAsync(await Of(context).UpdateAsync(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task DeleteAsync(HttpContext context) =>
        await context.WriteAsync(await Of(context).DeleteAsync(context.Route("id"), context.Actor(), context.RequestAborted), 204);
}
