using Gateway.Core.Accounting;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes <c>/admin/v1/usage</c> and <c>/admin/v1/requests</c>.</summary>
internal static class UsageRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        admin.MapGroup("/usage").WithTags("Usage")
            .MapAdmin("GET", "", ReadUsageAsync, "Add up calls by q (a query), key_id, model, provider, backend_id, from and to; group_by, then_by and interval split the sum")
            .Gives<UsageView>().Fails(400);
        RouteGroupBuilder requests = admin.MapGroup("/requests").WithTags("Usage");
        requests.MapAdmin("GET", "", ListAsync, "List calls, the newest first, by q (a query such as status:5xx model:gpt-4o latency:>2s -provider:x), from and to").Gives<UsageRecord[]>().Fails(400);
        requests.MapAdmin("GET", "/{id}", GetAsync, "Get a call by its id or its request id").Gives<UsageRecord>().Fails(404);
    }

    private static async Task ReadUsageAsync(HttpContext context)
    {
        var parameters = new TrafficParameters(context);
        UsageQuery query = parameters.Usage();
        if (parameters.Problem is { } problem)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }
        UsageReport report = await context.RequestServices.GetRequiredService<UsageQueries>().ReadAsync(query, context.RequestAborted);
        await context.WriteJsonAsync(new UsageView(report, query.From, query.To));
    }

    private static async Task ListAsync(HttpContext context)
    {
        var parameters = new TrafficParameters(context);
        RequestQuery query = parameters.Requests();
        Guid? after = parameters.Text("after") switch
        {
            null => null,
            var text => Guid.TryParse(text, out Guid id) ? id : parameters.Fail<Guid?>("after is the id of the last call of the page before."),
        };
        if (context.Limit() is not { } limit)
        {
            await context.WriteLimitProblemAsync();
        }
        else if (parameters.Problem is { } problem)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, problem);
        }
        else
        {
            RequestHistory history = context.RequestServices.GetRequiredService<RequestHistory>();
            await context.WritePageAsync([.. await history.ListAsync(query, after, limit + 1, context.RequestAborted)], limit, r => r.Id.ToString());
        }
    }

    private static async Task GetAsync(HttpContext context)
    {
        if (await context.CallAsync() is { } call)
        {
            await context.WriteJsonAsync(call);
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
