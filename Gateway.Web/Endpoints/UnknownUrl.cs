using Gateway.Core;

namespace Gateway.Web.Endpoints;

/// <summary>
/// What programs get that ask for what is not there. Led to the sign-in page, as browsers are, SDKs would follow and take the page for
/// an answer.
/// </summary>
internal static class UnknownUrl
{
    /// <summary>
    /// Answers what no endpoint does. Call after authentication, where providers of sign-in send people back to what is no endpoint
    /// either, and before authorization, which leads whoever is not signed in to the sign-in page.
    /// </summary>
    /// <param name="page">Below it is a page that is no endpoint, and is shown after authorization.</param>
    public static void UseUnknownUrl(this WebApplication app, PathString page) =>
        app.Use((context, next) => context.GetEndpoint() is null && !context.Request.Path.StartsWithSegments(page) ? WriteAsync(context) : next(context));

    /// <summary>Whether it is a program that takes a page of the console for the API: it shows a key, and wants no page.</summary>
    public static bool IsAPrograms(HttpRequest request) =>
        PresentedKeys.Find(request) is not null && !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static Task WriteAsync(HttpContext context) => WireErrors.WriteAsync(context, ErrorWire.OpenAI, new GatewayError(
        GatewayErrorKind.NotFound,
        $"Unknown request URL: {context.Request.Method} {context.Request.Path}. The API is below /v1 (Gemini's below /v1beta): check the client's base URL.",
        Code: "unknown_url"));
}
