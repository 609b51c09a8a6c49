namespace Gateway.Web.Security;

/// <summary>
/// Where a browser's request comes from, by what no page can forge: <c>Sec-Fetch-Site</c>, and for browsers without it
/// <c>Origin</c> beside <c>Host</c>. A cookie's SameSite attribute does not tell this site from its neighbours on one domain.
/// </summary>
internal static class SameOrigin
{
    /// <summary>Whether a page of another origin sent this. A program that says nothing has no cookie to abuse.</summary>
    public static bool IsForeign(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site ? site is not ("same-origin" or "none")
        : request.Headers.Origin.Count > 0 && !IsOwn(request);

    /// <summary>Whether a page of this console sent it; what says nothing does not count.</summary>
    public static bool IsProven(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site ? site == "same-origin" : IsOwn(request);

    // The scheme is left out: behind a proxy that ends TLS the request is seen as http.
    private static bool IsOwn(HttpRequest request) =>
        Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out Uri? origin)
        && origin.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase);
}
