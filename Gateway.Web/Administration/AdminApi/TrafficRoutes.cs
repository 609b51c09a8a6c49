using System.Globalization;
using Gateway.Core.Accounting;
using Gateway.Web.Administration.Traffic;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>
/// What everybody who may look at the console may look at here: <c>/admin/v1/explore</c>, <c>/requests/export</c>,
/// <c>/running</c>, and the views that are one's own.
/// </summary>
internal static class TrafficRoutes
{
    /// <param name="reading">For whoever is signed in.</param>
    /// <param name="operating">For operators.</param>
    public static void Map(RouteGroupBuilder reading, RouteGroupBuilder operating)
    {
        reading.MapGroup("/explore").WithTags("Usage")
            .MapAdmin("GET", "", ExploreAsync, "One metric, by group_by and then_by, the top groups and the others together; format=csv gives a table").Gives<ExploreView>().Fails(400);
        reading.MapGroup("/requests").WithTags("Usage")
            .MapAdmin("GET", "/export", ExportAsync, "All calls of a query, streamed as format=csv or ndjson").Fails(400);
        reading.MapGroup("/running").WithTags("Usage").MapAdmin("GET", "", RunningAsync, "Calls that are served now, the oldest first, by all nodes that share a Redis").Gives<RunningCallView[]>();
        operating.MapGroup("/running").WithTags("Usage").MapAdmin("DELETE", "/{id}", CancelAsync, "End a call that is served now").Gives<RunningCallView>().Fails(400, 404);
        RouteGroupBuilder views = reading.MapGroup("/views").WithTags("Views");
        views.MapAdmin("GET", "", ListViewsAsync, "List one's own saved views").Gives<SavedView[]>();
        views.MapAdmin("POST", "", SaveViewAsync, "Save a view; one of the same name is replaced").Takes<SavedViewChange>().Gives<SavedView>().Fails(400);
        views.MapAdmin("DELETE", "/{id}", RemoveViewAsync, "Remove one of one's own views").GivesNothing().Fails(404);
    }

    private static async Task ExploreAsync(HttpContext context)
    {
        var parameters = new TrafficParameters(context);
        int top = 10;
        if (parameters.Text("top") is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out top) || top is < 1 or > 100))
        {
            parameters.Fail<int>("top is a number from 1 to 100.");
        }
        UsageMetric metric = UsageMetric.Find(parameters.Text("metric") ?? UsageMetric.Requests.Name) ?? parameters.Fail<UsageMetric>($"metric is {string.Join(", ", UsageMetric.All.Select(m => m.Name))}.")
            ?? UsageMetric.Requests;
        var query = new ExploreQuery { Usage = parameters.Usage(), Metric = metric, Top = top };
        string format = parameters.Text("format") ?? "json";
        if (format is not ("json" or "csv"))
        {
            parameters.Fail<int>("format is json or csv.");
        }
        if (parameters.Problem is { } problem)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }
        ExploreResult result = await context.RequestServices.GetRequiredService<Exploration>().ReadAsync(query, context.RequestAborted);
        if (format == "json")
        {
            await context.WriteJsonAsync(new ExploreView(result));
            return;
        }
        Attach(context, "text/csv; charset=utf-8", "explore.csv");
        await context.Response.WriteAsync(ExploreView.Csv(result), context.RequestAborted);
    }

    private static async Task ExportAsync(HttpContext context)
    {
        var parameters = new TrafficParameters(context);
        RequestQuery query = parameters.Requests();
        string format = parameters.Text("format") ?? "csv";
        if (format is not ("csv" or "ndjson"))
        {
            parameters.Fail<int>("format is csv or ndjson.");
        }
        if (parameters.Problem is { } problem)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }
        IAsyncEnumerable<UsageRecord> calls = context.RequestServices.GetRequiredService<RequestHistory>().StreamAsync(query, context.RequestAborted);
        if (format == "csv")
        {
            Attach(context, "text/csv; charset=utf-8", "requests.csv");
            await RequestExport.WriteCsvAsync(context.Response.Body, calls, context.RequestAborted);
        }
        else
        {
            Attach(context, "application/x-ndjson", "requests.ndjson");
            await RequestExport.WriteNdjsonAsync(context.Response.Body, calls, context.RequestAborted);
        }
    }

    private static void Attach(HttpContext context, string type, string name)
    {
        context.Response.ContentType = type;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        context.Response.Headers.CacheControl = "no-store";
    }

    private static async Task RunningAsync(HttpContext context) => await context.WriteJsonAsync(
        await context.RequestServices.GetRequiredService<RunningCallAdministration>().ListAsync(context.RequestAborted));

    private static async Task CancelAsync(HttpContext context) => await context.WriteAsync(
        await context.RequestServices.GetRequiredService<RunningCallAdministration>().CancelAsync(context.Route("id"), context.Actor(), context.RequestAborted));

    private static async Task ListViewsAsync(HttpContext context) =>
        await context.WriteJsonAsync(await context.RequestServices.GetRequiredService<SavedViews>().ListAsync(context.Actor(), context.RequestAborted));

    private static async Task SaveViewAsync(HttpContext context)
    {
        if (await context.ReadAsync<SavedViewChange>() is { } change)
        {
            await context.WriteAsync(await context.RequestServices.GetRequiredService<SavedViews>().SaveAsync(change, context.Actor(), context.RequestAborted));
        }
    }

    private static async Task RemoveViewAsync(HttpContext context) => await context.WriteAsync(
        await context.RequestServices.GetRequiredService<SavedViews>().RemoveAsync(context.Route("id"), context.Actor(), context.RequestAborted), StatusCodes.Status204NoContent);
}
