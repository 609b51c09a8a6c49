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
            // What cannot be sent is left out: an upstream's odd header must not cost the client its answer.
            if (NameOf(header.Key) is { } name && header.Value.ToString() is var value && !value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                headers[name] = value;
            }
        }
    }

    /// <summary>What a client gets it as; null for what does not travel.</summary>
    private static string? NameOf(string name) =>
        name.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase) ? "x-upstream-" + name[2..].ToLowerInvariant()
        : name.StartsWith(Anthropics, StringComparison.OrdinalIgnoreCase) ? "x-upstream-ratelimit-" + name[Anthropics.Length..].ToLowerInvariant()
        : name.Equals("openai-processing-ms", StringComparison.OrdinalIgnoreCase)
            || name.Equals("openai-version", StringComparison.OrdinalIgnoreCase)
            || name.Equals("x-should-retry", StringComparison.OrdinalIgnoreCase) ? name
        : null;
}
