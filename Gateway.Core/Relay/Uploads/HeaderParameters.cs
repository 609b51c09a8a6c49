using System.Text;

namespace Gateway.Core.Relay.Uploads;

/// <summary>The parameters of a header value such as <c>form-data; name="file"</c>: tokens or quoted strings (RFC 9110 section 5.6.6).</summary>
internal static class HeaderParameters
{
    /// <summary>In order; what comes before the first semicolon is left out. What cannot be read ends the list.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(string value)
    {
        int at = value.IndexOf(';');
        while (at >= 0 && at < value.Length)
        {
            at++;
            int equals = value.IndexOf('=', at);
            if (equals < 0)
            {
                yield break;
            }
            string key = value[at..equals].Trim();
            at = equals + 1;
            string text = at < value.Length && value[at] == '"' ? Quoted(value, ref at) : Token(value, ref at);
            yield return new KeyValuePair<string, string>(key, text);
            at = value.IndexOf(';', at);
        }
    }

    /// <summary>The boundary of a <c>multipart/form-data</c> content type; null if it is none, or has none of 1 to 70 printable characters.</summary>
    public static string? BoundaryOf(string? contentType)
    {
        if (contentType is null || !contentType.AsSpan().TrimStart().StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        string? boundary = Of(contentType).Where(p => p.Key.Equals("boundary", StringComparison.OrdinalIgnoreCase)).Select(p => p.Value).FirstOrDefault();
        return boundary is { Length: >= 1 and <= 70 } && boundary.All(c => c is > ' ' and <= '~' || c == ' ') ? boundary : null;
    }

    private static string Token(string value, ref int at)
    {
        int end = value.IndexOf(';', at);
        end = end < 0 ? value.Length : end;
        string token = value[at..end].Trim();
        at = end;
        return token;
    }

    private static string Quoted(string value, ref int at)
    {
        var text = new StringBuilder();
        for (at++; at < value.Length && value[at] != '"'; at++)
        {
            // Only quotes and backslashes are escaped by what browsers and SDKs send; a path's backslash stands for itself.
            if (value[at] == '\\' && at + 1 < value.Length && value[at + 1] is '"' or '\\')
            {
                at++;
            }
            text.Append(value[at]);
        }
        at = Math.Min(at + 1, value.Length);
        return text.ToString();
    }
}
