using System.Net.Http.Headers;

namespace Gateway.Web.Endpoints;

/// <summary>The few headers of an upstream's answer that travel on.</summary>
internal static class UpstreamHeaders
{
    private const string Anthropics = "anthropic-ratelimit-";

    public static void Add(IHeaderDictionary headers, HttpResponseHeaders upstream)
    {
        foreach (KeyValuePair<string, HeaderStringValues> header in upstream.NonValidated)
        {
            if (header.Key.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase))
            {
                headers["x-upstream-" + header.Key[2..].ToLowerInvariant()] = header.Value.ToString();
            }
            else if (header.Key.StartsWith(Anthropics, StringComparison.OrdinalIgnoreCase))
            {
                headers["x-upstream-ratelimit-" + header.Key[Anthropics.Length..].ToLowerInvariant()] = header.Value.ToString();
            }
            else if (header.Key.Equals("openai-processing-ms", StringComparison.OrdinalIgnoreCase)
                || header.Key.Equals("openai-version", StringComparison.OrdinalIgnoreCase)
                || header.Key.Equals("x-should-retry", StringComparison.OrdinalIgnoreCase))
            {
                headers[header.Key] = header.Value.ToString();
            }
        }
    }
}
