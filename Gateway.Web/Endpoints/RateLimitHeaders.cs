using System.Globalization;
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
