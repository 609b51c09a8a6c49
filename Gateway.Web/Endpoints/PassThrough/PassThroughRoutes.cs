namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>Routes of what is handed on as it is.</summary>
internal static class PassThroughRoutes
{
    public static void MapPassThrough(this IEndpointRouteBuilder app)
    {
        PassThroughEndpoint endpoint = app.ServiceProvider.GetRequiredService<PassThroughEndpoint>();
        app.Map("/v1/{**path}", context => Unless(context, ApiRoutes.UnknownAsync(context, endpoint, "/v1"))).OnDataPlane();
        app.Map("/providers/{provider}/{**path}", context =>
        {
            string name = (string)context.GetRouteValue("provider")!;
            int prefix = context.Request.Path.Value!.IndexOf('/', "/providers/".Length);
            return Unless(context, endpoint.InvokeAsync(context, prefix < 0 ? "/" : context.Request.Path.Value[prefix..], name));
        }).OnDataPlane();
    }

    // A client that leaves is no failure of ours; everything that matters is in the books.
    internal static async Task Unless(HttpContext context, Task running)
    {
        try
        {
            await running;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
        }
    }
}
