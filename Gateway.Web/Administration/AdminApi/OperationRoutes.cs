using System.Globalization;
using Gateway.Web.Administration.Operations;

namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/events</c>, <c>/slos</c>, <c>/alerts</c> and <c>/incidents</c>, and the past of <c>/health</c>.</summary>
internal static class OperationRoutes
{
    /// <param name="read">Open to viewers too.</param>
    /// <param name="operate">Open to operators and administrators.</param>
    public static void Map(RouteGroupBuilder read, RouteGroupBuilder operate)
    {
        read.MapGroup("/events").WithTags("Operations").MapAdmin("GET", "", ListEventsAsync, "List what happened, the newest first, by from, to, kind and subject").Gives<EventView[]>().Fails(400);
        read.MapGroup("/health").WithTags("Health").MapAdmin("GET", "/timeline", TimelineAsync, "How backends stood over time, between from and to (the last day); backend names one").Gives<BackendTimeline[]>().Fails(400, 404);
        RouteGroupBuilder slos = read.MapGroup("/slos").WithTags("Operations");
        RouteGroupBuilder slosChanges = operate.MapGroup("/slos").WithTags("Operations");
        slos.MapAdmin("GET", "", c => PageAsync(c, Board(c).ListAsync, v => v.Id), "List the models' targets and how they stand").Gives<SloView[]>().Fails(400);
        slosChanges.MapAdmin("POST", "", c => CreateAsync<SloChange, SloView>(c, Board(c).CreateAsync, v => v.Id), "Set a model's targets").Takes<SloChange>().Gives<SloView>(201).Fails(400, 409);
        slos.MapAdmin("GET", "/{id}", async c => await c.WriteAsync(await Board(c).GetAsync(c.Route("id"), c.RequestAborted)), "Get a model's targets").Gives<SloView>().Fails(404);
        slosChanges.MapAdmin("PUT", "/{id}", c => UpdateAsync<SloChange, SloView>(c, Board(c).UpdateAsync), "Change a model's targets: fields left out stay, null clears").Takes<SloChange>().Gives<SloView>().Fails(400, 404, 409);
        slosChanges.MapAdmin("DELETE", "/{id}", async c => await c.WriteAsync(await Board(c).DeleteAsync(c.Route("id"), c.Actor(), c.RequestAborted), 204), "Remove a model's targets").GivesNothing().Fails(404);
        RouteGroupBuilder rules = read.MapGroup("/alerts/rules").WithTags("Operations");
        RouteGroupBuilder rulesChanges = operate.MapGroup("/alerts/rules").WithTags("Operations");
        rules.MapAdmin("GET", "", c => PageAsync(c, Rules(c).ListAsync, v => v.Id), "List alert rules and where they stand").Gives<AlertRuleView[]>().Fails(400);
        rulesChanges.MapAdmin("POST", "", c => CreateAsync<AlertRuleChange, AlertRuleView>(c, Rules(c).CreateAsync, v => v.Id), "Create an alert rule").Takes<AlertRuleChange>().Gives<AlertRuleView>(201).Fails(400, 409);
        rules.MapAdmin("GET", "/{id}", async c => await c.WriteAsync(await Rules(c).GetAsync(c.Route("id"), c.RequestAborted)), "Get an alert rule").Gives<AlertRuleView>().Fails(404);
        rulesChanges.MapAdmin("PUT", "/{id}", c => UpdateAsync<AlertRuleChange, AlertRuleView>(c, Rules(c).UpdateAsync), "Change an alert rule: fields left out stay").Takes<AlertRuleChange>().Gives<AlertRuleView>().Fails(400, 404, 409);
        rulesChanges.MapAdmin("DELETE", "/{id}", async c => await c.WriteAsync(await Rules(c).DeleteAsync(c.Route("id"), c.Actor(), c.RequestAborted), 204), "Delete an alert rule").GivesNothing().Fails(404);
        RouteGroupBuilder channels = read.MapGroup("/alerts/channels").WithTags("Operations");
        RouteGroupBuilder channelsChanges = operate.MapGroup("/alerts/channels").WithTags("Operations");
        channels.MapAdmin("GET", "", c => PageAsync(c, Channels(c).ListAsync, v => v.Id), "List alert channels, without what is secret").Gives<AlertChannelView[]>().Fails(400);
        channelsChanges.MapAdmin("POST", "", c => CreateAsync<AlertChannelChange, AlertChannelView>(c, Channels(c).CreateAsync, v => v.Id), "Create an alert channel").Takes<AlertChannelChange>().Gives<AlertChannelView>(201).Fails(400, 409);
        channels.MapAdmin("GET", "/{id}", async c => await c.WriteAsync(await Channels(c).GetAsync(c.Route("id"), c.RequestAborted)), "Get an alert channel").Gives<AlertChannelView>().Fails(404);
        channelsChanges.MapAdmin("PUT", "/{id}", c => UpdateAsync<AlertChannelChange, AlertChannelView>(c, Channels(c).UpdateAsync), "Change an alert channel: fields left out stay").Takes<AlertChannelChange>().Gives<AlertChannelView>().Fails(400, 404, 409);
        channelsChanges.MapAdmin("DELETE", "/{id}", async c => await c.WriteAsync(await Channels(c).DeleteAsync(c.Route("id"), c.Actor(), c.RequestAborted), 204), "Delete an alert channel that no rule tells").GivesNothing().Fails(404, 409);
        channelsChanges.MapAdmin("POST", "/{id}/test", async c => await c.WriteAsync(await Channels(c).TestAsync(c.Route("id"), c.Actor(), c.RequestAborted)), "Send a test through an alert channel").Gives<AlertTestView>().Fails(404);
        read.MapGroup("/incidents").WithTags("Operations").MapAdmin("GET", "/draft", DraftAsync, "Write a post-mortem's draft of the time between from and to").Gives<IncidentView>().Fails(400);
    }

    private static SloBoard Board(HttpContext context) => context.RequestServices.GetRequiredService<SloBoard>();

    private static AlertAdministration Rules(HttpContext context) => context.RequestServices.GetRequiredService<AlertAdministration>();

    private static AlertChannels Channels(HttpContext context) => context.RequestServices.GetRequiredService<AlertChannels>();

    private static async Task ListEventsAsync(HttpContext context)
    {
        if (context.Limit() is not { } limit)
        {
            await context.WriteLimitProblemAsync();
            return;
        }
        if (!TryTime(context, "from", out DateTimeOffset? from) || !TryTime(context, "to", out DateTimeOffset? to))
        {
            await WriteTimeProblemAsync(context);
            return;
        }
        var query = new EventQuery { From = from, To = to, Kind = Text(context, "kind"), Subject = Text(context, "subject"), After = Text(context, "after"), Limit = limit + 1 };
        IReadOnlyList<EventView> events = await context.RequestServices.GetRequiredService<OperationTimeline>().ListAsync(query, context.RequestAborted);
        await context.WritePageAsync([.. events], limit, e => e.Id);
    }

    private static async Task TimelineAsync(HttpContext context)
    {
        DateTimeOffset now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        if (!TryTime(context, "from", out DateTimeOffset? from) || !TryTime(context, "to", out DateTimeOffset? to))
        {
            await WriteTimeProblemAsync(context);
            return;
        }
        // What has not been yet nobody knows.
        DateTimeOffset end = to is { } until && until < now ? until : now;
        DateTimeOffset begin = from ?? end.AddDays(-1);
        if (begin >= end)
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "\"from\" is before \"to\" and before now.");
            return;
        }
        IReadOnlyList<BackendTimeline> all = await context.RequestServices.GetRequiredService<BackendTimelines>().ReadAsync(begin, end, context.RequestAborted);
        if (Text(context, "backend") is not { } backend)
        {
            await context.WritePageAsync([.. all.OrderBy(t => t.Backend, StringComparer.Ordinal)], t => t.Backend);
        }
        else if (all.Where(t => t.Backend == backend).ToArray() is { Length: > 0 } one)
        {
            await context.WriteJsonAsync(one);
        }
        else
        {
            await AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"There is no backend with the id \"{backend}\".");
        }
    }

    private static async Task DraftAsync(HttpContext context)
    {
        if (!TryTime(context, "from", out DateTimeOffset? from) || !TryTime(context, "to", out DateTimeOffset? to) || from is null)
        {
            await WriteTimeProblemAsync(context);
            return;
        }
        DateTimeOffset end = to ?? context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        await context.WriteAsync(await context.RequestServices.GetRequiredService<IncidentReport>().DraftAsync(from.Value, end, context.Actor(), context.RequestAborted));
    }

    private static async Task PageAsync<T>(HttpContext context, Func<CancellationToken, Task<IReadOnlyList<T>>> list, Func<T, string> id) =>
        await context.WritePageAsync(await list(context.RequestAborted), id);

    private static async Task CreateAsync<TChange, TView>(
        HttpContext context, Func<TChange, Actor, CancellationToken, Task<AdministrationResult<TView>>> create, Func<TView, string> id)
        where TChange : class
    {
        if (await context.ReadAsync<TChange>() is { } change)
        {
            await context.WriteCreatedAsync(await create(change, context.Actor(), context.RequestAborted), id);
        }
    }

    private static async Task UpdateAsync<TChange, TView>(HttpContext context, Func<string, TChange, Actor, CancellationToken, Task<AdministrationResult<TView>>> update)
        where TChange : class
    {
        if (await context.ReadAsync<TChange>() is { } change)
        {
            await context.WriteAsync(await update(context.Route("id"), change, context.Actor(), context.RequestAborted));
        }
    }

    private static string? Text(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;

    private static bool TryTime(HttpContext context, string name, out DateTimeOffset? at)
    {
        string? text = Text(context, name);
        bool read = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset value);
        at = read ? value : null;
        return read || text is null;
    }

    private static Task WriteTimeProblemAsync(HttpContext context) =>
        AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "from and to are times such as 2026-11-20T12:00:00Z.");
}
