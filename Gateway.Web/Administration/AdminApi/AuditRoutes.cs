namespace Gateway.Web.Administration.AdminApi;

/// <summary>Routes under <c>/admin/v1/audit</c>.</summary>
internal static class AuditRoutes
{
    public static void Map(RouteGroupBuilder admin) =>
        admin.MapGroup("/audit").WithTags("Audit").MapAdmin("GET", "", ListAsync, "List changes, the newest first").Gives<AuditView[]>().Fails(400);

    private static async Task ListAsync(HttpContext context)
    {
        if (context.Limit() is not { } limit)
        {
            await context.WriteLimitProblemAsync();
            return;
        }
        AuditLog log = context.RequestServices.GetRequiredService<AuditLog>();
        var query = new AuditQuery(Text(context, "actor"), Text(context, "action"), Text(context, "entity_id"), Text(context, "after"), limit + 1);
        await context.WritePageAsync([.. await log.ListAsync(query, context.RequestAborted)], limit, e => e.Id);
    }

    private static string? Text(HttpContext context, string name) => context.Request.Query[name].ToString() is { Length: > 0 } text ? text : null;
}
