using System.Globalization;
using Gateway.Core.Accounting;
using Microsoft.Extensions.Primitives;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes <c>/admin/v1/usage</c> and <c>/admin/v1/requests</c>.</summary>
internal static class UsageRoutes
{
    public static void Map(RouteGroupBuilder admin)
    {
        admin.MapGroup("/usage").WithTags("Usage")
            .MapAdmin("GET", "", ReadUsageAsync, "Add up calls by key_id, model, provider, backend_id, from and to; group_by and interval split the sum")
            .Gives<UsageView>().Fails(400);
        RouteGroupBuilder requests = admin.MapGroup("/requests").WithTags("Usage");
        requests.MapAdmin("GET", "", ListAsync, "List calls, the newest first").Gives<UsageRecord[]>().Fails(400);
        requests.MapAdmin("GET", "/{id}", GetAsync, "Get a call by its id or its request id").Gives<UsageRecord>().Fails(404);
    }

    private static async Task ReadUsageAsync(HttpContext context)
    {
        var parameters = new QueryReader(context);
        DateTimeOffset now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var query = new UsageQuery
        {
            From = parameters.Time("from") ?? DateTimeOffset.UnixEpoch,
            // A call that has only just begun is in the minute that is not over.
            To = parameters.Time("to") ?? now.AddMinutes(1),
            KeyId = parameters.Text("key_id"),
            Model = parameters.Text("model"),
            Provider = parameters.Text("provider"),
            BackendId = parameters.Text("backend_id"),
            GroupBy = parameters.Text("group_by") switch
            {
                null => UsageGrouping.None,
                "key" => UsageGrouping.Key,
                "model" => UsageGrouping.Model,
                "provider" => UsageGrouping.Provider,
                "backend" => UsageGrouping.Backend,
                _ => parameters.Fail<UsageGrouping>("group_by is key, model, provider or backend."),
            },
            Interval = parameters.Text("interval") switch
            {
                null => null,
                "minute" => TimeSpan.FromMinutes(1),
                "hour" => TimeSpan.FromHours(1),
                "day" => TimeSpan.FromDays(1),
                _ => parameters.Fail<TimeSpan?>("interval is minute, hour or day."),
            },
        };
        if (query.Interval is { } width && (query.To - query.From) / width > 10_000)
        {
            parameters.Fail<int>("That is more than 10,000 intervals: give from and to, or a wider interval.");
        }
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
        var parameters = new QueryReader(context);
        var query = new RequestQuery
        {
            From = parameters.Time("from"),
            To = parameters.Time("to"),
            KeyId = parameters.Text("key_id"),
            Model = parameters.Text("model"),
            Provider = parameters.Text("provider"),
            StatusClass = parameters.Text("status") switch
            {
                null => null,
                ['2' or '3' or '4' or '5', 'x', 'x'] text => text[0] - '0',
                _ => parameters.Fail<int?>("status is 2xx, 3xx, 4xx or 5xx."),
            },
            ErrorKind = parameters.Text("error_kind"),
            Failed = parameters.Flag("failed"),
            Streamed = parameters.Flag("streamed"),
            RequestId = parameters.Text("request_id"),
        };
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
        RequestHistory history = context.RequestServices.GetRequiredService<RequestHistory>();
        string id = context.Route("id");
        UsageRecord? record = Guid.TryParse(id, out Guid key) ? await history.FindAsync(key, context.RequestAborted) : null;
        record ??= await history.FindAsync(id, context.RequestAborted);
        if (record is null)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, "There is no call with that id or request id.");
            return;
        }
        await context.WriteJsonAsync(record);
    }

    /// <summary>Reads a request's parameters and remembers the first that does not fit.</summary>
    private sealed class QueryReader(HttpContext context)
    {
        public string? Problem { get; private set; }

        public string? Text(string name) => context.Request.Query.TryGetValue(name, out StringValues value) && value.ToString() is { Length: > 0 } text ? text : null;

        /// <summary>ISO 8601, UTC where it names no offset; or Unix seconds.</summary>
        public DateTimeOffset? Time(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds <= 253_402_300_799)
            {
                return DateTimeOffset.FromUnixTimeSeconds(seconds);
            }
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at)
                ? at
                : Fail<DateTimeOffset?>($"{name} is a time such as 2026-11-20T12:00:00Z.");
        }

        public bool? Flag(string name) => Text(name) switch
        {
            null => null,
            "true" => true,
            "false" => false,
            _ => Fail<bool?>($"{name} is true or false."),
        };

        public T? Fail<T>(string problem)
        {
            Problem ??= problem;
            return default;
        }
    }
}
