namespace Gateway.Web.Administration.AdminApi;

/// <summary>Answers what nothing else under <c>/admin/v1</c> does: a wrong address, or a right one with a wrong method.</summary>
internal static class AdminUnknown
{
    public static void Map(RouteGroupBuilder api) => api.Map("/{**path}", (RequestDelegate)AnswerAsync).ExcludeFromDescription();

    private static Task AnswerAsync(HttpContext context)
    {
        string[] methods = [.. MethodsOf(context)];
        if (methods.Length == 0)
        {
            return AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"There is no such address; {AdminApiExtensions.DocumentPath} lists all.");
        }
        context.Response.Headers.Allow = string.Join(", ", methods);
        return AdminProblem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, $"This address takes {string.Join(", ", methods)}.");
    }

    private static IEnumerable<string> MethodsOf(HttpContext context)
    {
        string[] wanted = Split(context.Request.Path.Value);
        return context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => Fits(Split(e.RoutePattern.RawText), wanted))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            .Distinct().Order(StringComparer.Ordinal);
    }

    private static string[] Split(string? path) => (path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static bool Fits(string[] pattern, string[] path) =>
        pattern.Length == path.Length && pattern.Zip(path).All(p => p.First.StartsWith('{') || p.First.Equals(p.Second, StringComparison.OrdinalIgnoreCase));
}
