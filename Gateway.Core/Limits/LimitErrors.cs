using System.Globalization;

namespace Gateway.Core.Limits;

/// <summary>Refusals by a limit: which one, its value, and when it lets the request through.</summary>
public static class LimitErrors
{
    public static GatewayError Of(in LimitDecision decision, long tokens)
    {
        string seconds = Math.Max(0.001, decision.RetryAfter.TotalSeconds).ToString("0.###", CultureInfo.InvariantCulture);
        return decision.Exceeded == LimitKind.Requests
            ? new GatewayError(
                GatewayErrorKind.RateLimited,
                string.Create(CultureInfo.InvariantCulture, $"Rate limit reached for requests per minute: limit {decision.LimitRequests}, {decision.RemainingRequests} left. Try again in {seconds}s."),
                RetryAfter: decision.RetryAfter)
            : new GatewayError(
                GatewayErrorKind.TokensLimited,
                string.Create(CultureInfo.InvariantCulture, $"Rate limit reached for tokens per minute: limit {decision.LimitTokens}, {decision.RemainingTokens} left, this request needs about {tokens}. Try again in {seconds}s."),
                RetryAfter: decision.RetryAfter);
    }
}
