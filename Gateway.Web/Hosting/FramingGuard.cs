namespace Gateway.Web.Hosting;

/// <summary>
/// Refuses requests that say twice how long they are. The server takes <c>Transfer-Encoding</c> and hides the length under
/// another name; a proxy before it may have believed the length, and would take the rest for the next request.
/// </summary>
internal sealed class FramingGuard : IStartupFilter
{
    // Where Kestrel puts the length that it does not heed.
    private const string HiddenLength = "X-Content-Length";

    /// <summary>Before everything else, since the data plane's routes end the pipeline where they match.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (context, rest) =>
        {
            IHeaderDictionary headers = context.Request.Headers;
            if (headers.TransferEncoding.Count == 0 || !headers.ContainsKey(HiddenLength))
            {
                return rest(context);
            }
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        });
        next(app);
    };
}
