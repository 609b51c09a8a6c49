namespace Gateway.Web.Security;

/// <summary>
/// The headers that tell a browser what pages of the console may do. There is no inline script anywhere, so scripts need
/// neither <c>unsafe-inline</c> nor a nonce nor a hash; of Radzen only components are used that emit no handlers in
/// attributes (its drop-downs, numeric fields and date pickers do: pages use the browser's own). Styles need
/// <c>unsafe-inline</c>, for the style attributes of components and the style element that ApexCharts adds.
/// </summary>
internal static class BrowserHeaders
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <summary>The data plane's answers are for programs, and count their microseconds.</summary>
    public static bool AppliesTo(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/v1") && !context.Request.Path.StartsWithSegments("/v1beta") && !context.Request.Path.StartsWithSegments("/upload");

    public static Task Add(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }
}
