using Gateway.Core.Keys;

namespace Gateway.Web.Endpoints;

/// <summary>Where clients put their key: one place each for the SDKs of OpenAI, Anthropic, Azure and Gemini.</summary>
internal static class PresentedKeys
{
    /// <summary>Begins the subprotocol in which browsers send their key on a WebSocket, as OpenAI's realtime API has it.</summary>
    public const string Subprotocol = "openai-insecure-api-key.";

    /// <summary>The first of <c>Authorization: Bearer</c>, <c>x-api-key</c>, <c>api-key</c>, <c>x-goog-api-key</c>, the query's <c>key</c>, and a WebSocket's subprotocol; null if none is there.</summary>
    public static PresentedKey? Find(HttpRequest request)
    {
        IHeaderDictionary headers = request.Headers;
        string? authorization = headers.Authorization;
        if (authorization is not null && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && authorization.AsSpan(7).Trim() is { Length: > 0 } bearer)
        {
            return Known(request, authorization, bearer);
        }
        string? key = First(headers, "x-api-key") ?? First(headers, "api-key") ?? First(headers, "x-goog-api-key") ?? InQuery(request) ?? InSubprotocol(headers);
        return key is null ? null : Known(request, key, key);
    }

    private static PresentedKey Known(HttpRequest request, string value, ReadOnlySpan<char> key) =>
        request.HttpContext.Features.Get<ConnectionKey>()?.Of(value, key) ?? new PresentedKey(key.ToString());

    // Gemini's clients may put it there; it is never logged, since paths are logged without their query.
    private static string? InQuery(HttpRequest request) =>
        request.QueryString.HasValue && request.Query.TryGetValue("key", out var values) && values.Count == 1 && !string.IsNullOrWhiteSpace(values[0]) ? values[0]!.Trim() : null;

    private static string? InSubprotocol(IHeaderDictionary headers) => headers.SecWebSocketProtocol
        .SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Where(p => p.StartsWith(Subprotocol, StringComparison.Ordinal))
        .Select(p => p[Subprotocol.Length..]).FirstOrDefault();

    private static string? First(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var values) && values.Count == 1 && !string.IsNullOrWhiteSpace(values[0]) ? values[0]!.Trim() : null;
}
