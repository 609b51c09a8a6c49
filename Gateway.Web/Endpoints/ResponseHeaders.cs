using System.Globalization;
using System.Net.Http.Headers;
using Gateway.Core.Accounting;
using Gateway.Core.Limits;

namespace Gateway.Web.Endpoints;

/// <summary>The <c>X-RateLimit-*</c> headers: always the gateway's own limits, and none where there is no limit.</summary>
internal static class RateLimitHeaders
{
    public static void Add(IHeaderDictionary headers, in LimitDecision limits)
    {
        if (limits.LimitRequests > 0)
        {
            headers["x-ratelimit-limit-requests"] = Text(limits.LimitRequests);
            headers["x-ratelimit-remaining-requests"] = Text(limits.RemainingRequests);
            headers["x-ratelimit-reset-requests"] = Seconds(limits.ResetRequestsMs);
        }
        if (limits.LimitTokens > 0)
        {
            headers["x-ratelimit-limit-tokens"] = Text(limits.LimitTokens);
            headers["x-ratelimit-remaining-tokens"] = Text(limits.RemainingTokens);
            headers["x-ratelimit-reset-tokens"] = Seconds(limits.ResetTokensMs);
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    // The form of the field: whole seconds as 45s, less as 250ms.
    private static string Seconds(int ms) => ms is > 0 and < 1000 ? Text(ms) + "ms" : Text((ms + 999) / 1000) + "s";
}

/// <summary>The gateway's own headers: who answered, and at what price.</summary>
internal static class GatewayHeaders
{
    public static void Add(IHeaderDictionary headers, UsageRecord record, bool streamed)
    {
        // A stream's attempt is not over when its head is sent.
        headers["x-gateway-attempts"] = (record.Attempts.Count + (streamed ? 1 : 0)).ToString(CultureInfo.InvariantCulture);
        if (record.Provider is not null)
        {
            headers["x-gateway-provider"] = HeaderText(record.Provider);
            headers["x-gateway-backend"] = HeaderText(record.BackendId!);
        }
        if (!streamed)
        {
            headers["x-gateway-overhead-ms"] = ((record.DurationUs - record.UpstreamUs) / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);
            if (record.Cost is { } cost)
            {
                headers["x-gateway-cost-usd"] = cost.ToString();
            }
        }
    }

    // Names are free text; a header is not.
    private static string HeaderText(string text) => System.Text.Ascii.IsValid(text) ? text : Uri.EscapeDataString(text);
}

/// <summary>The few headers of an upstream's answer that travel on.</summary>
internal static class UpstreamHeaders
{
    public static void Add(IHeaderDictionary headers, HttpResponseHeaders upstream)
    {
        foreach (KeyValuePair<string, HeaderStringValues> header in upstream.NonValidated)
        {
            if (header.Key.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase))
            {
                headers["x-upstream-" + header.Key[2..].ToLowerInvariant()] = header.Value.ToString();
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
