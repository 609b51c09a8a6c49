using System.Buffers;
using Gateway.Core.Catalog;

namespace Gateway.Web.Endpoints;

/// <summary>Judges the request headers that the gateway takes over.</summary>
internal static class RequestHeaders
{
    private const int MaxRequestId = 128;

    // Printable ASCII without what could end a log field or a header: no spaces, quotes, backslashes, percent signs.
    private static readonly SearchValues<char> RequestIdChars =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.:+/=@~#");

    /// <summary>The client's request id if it is well formed, else a new one.</summary>
    public static string RequestIdOf(HttpRequest request, DateTimeOffset now)
    {
        string? sent = request.Headers["X-Request-ID"];
        return sent is { Length: > 0 and <= MaxRequestId } && !sent.AsSpan().ContainsAnyExcept(RequestIdChars)
            ? sent
            : Guid.CreateVersion7(now).ToString("N");
    }

    /// <summary>Answers with the request's id, for those requests that are no calls.</summary>
    public static void EchoRequestId(this HttpContext context) =>
        context.Response.Headers["X-Request-ID"] = RequestIdOf(context.Request, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());

    /// <summary>A well-formed W3C <c>traceparent</c> of version 00 with ids that are not all zero, else null.</summary>
    public static string? TraceParentOf(HttpRequest request)
    {
        string? sent = request.Headers.TraceParent;
        return sent is { Length: 55 }
            && sent.StartsWith("00-", StringComparison.Ordinal)
            && sent[35] == '-' && sent[52] == '-'
            && IsId(sent.AsSpan(3, 32)) && IsId(sent.AsSpan(36, 16))
            && IsHex(sent.AsSpan(53, 2)) ? sent : null;
    }

    /// <summary>The client's headers that its wire gives a meaning upstream.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> WireHeadersOf(HttpRequest request, Operation operation)
    {
        string[] names = operation switch
        {
            Operation.Messages or Operation.MessagesCountTokens => ["anthropic-version", "anthropic-beta"],
            Operation.Responses => ["OpenAI-Beta"],
            _ => [],
        };
        List<KeyValuePair<string, string>>? found = null;
        foreach (string name in names)
        {
            if (request.Headers.TryGetValue(name, out var values) && values.ToString() is { Length: > 0 and <= 1024 } value)
            {
                (found ??= []).Add(new KeyValuePair<string, string>(name, value));
            }
        }
        return found ?? (IReadOnlyList<KeyValuePair<string, string>>)[];
    }

    public static bool IsJson(string? contentType)
    {
        if (contentType is null)
        {
            return false;
        }
        ReadOnlySpan<char> type = contentType;
        int parameters = type.IndexOf(';');
        type = (parameters < 0 ? type : type[..parameters]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsId(ReadOnlySpan<char> text) => IsHex(text) && text.ContainsAnyExcept('0');

    private static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(LowerHex);

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");
}
