using System.Globalization;
using Gateway.Core.Budgets;

namespace Gateway.Core.Limits;

/// <summary>Refusals by a limit: whose, which one, its value, and when it lets the request through.</summary>
public static class LimitErrors
{
    /// <param name="tokens">What the request was estimated to need.</param>
    public static GatewayError Of(in LimitDecision decision, long tokens)
    {
        string again = $"Try again in {Seconds(decision.RetryAfter)}.";
        string whose = Whose(decision.Scope);
        return decision.Exceeded switch
        {
            LimitKind.Requests => new GatewayError(
                GatewayErrorKind.RateLimited,
                Text($"Rate limit reached for requests per minute{whose}: limit {decision.LimitRequests}, {decision.RemainingRequests} left. {again}"),
                RetryAfter: decision.RetryAfter),
            LimitKind.Tokens => new GatewayError(
                GatewayErrorKind.TokensLimited,
                Text($"Rate limit reached for tokens per minute{whose}: limit {decision.LimitTokens}, {decision.RemainingTokens} left, this request needs about {tokens}. {again}"),
                RetryAfter: decision.RetryAfter),
            LimitKind.Parallel => new GatewayError(
                GatewayErrorKind.RateLimited,
                Text($"Limit reached for requests at the same time{whose}: limit {decision.Scope?.MaxParallel}. Try again when one of them has ended."),
                Code: "concurrency_limit_exceeded",
                RetryAfter: decision.RetryAfter),
            LimitKind.Budget => OfBudget(decision.Budget!, whose, decision.RetryAfter),
            _ => new GatewayError(
                GatewayErrorKind.Overloaded,
                "The gateway cannot check the limits of this call at the moment and does not let it through unchecked. Try again later.",
                Code: "limits_unavailable",
                RetryAfter: decision.RetryAfter),
        };
    }

    private static GatewayError OfBudget(BudgetRefusal refusal, string whose, TimeSpan retryAfter)
    {
        (Budget budget, BudgetState state) = (refusal.Budget, refusal.State);
        string reset = state.Window.End == DateTimeOffset.MaxValue
            ? "It does not start anew; ask your platform team to raise it."
            : budget.Period == BudgetPeriod.Fixed
            ? Text($"It ends at {state.Window.End:yyyy-MM-ddTHH:mm:ssZ}.")
            : Text($"It starts anew at {state.Window.End:yyyy-MM-ddTHH:mm:ssZ}.");
        return new GatewayError(
            GatewayErrorKind.BudgetExhausted,
            Text($"The budget \"{budget.Name}\"{whose} is exhausted: {state.Amount} USD per {Per(budget.Period)}, {state.Spent} spent, {state.Reserved} reserved by running calls. {reset}"),
            RetryAfter: retryAfter);
    }

    private static string Per(BudgetPeriod period) => period == BudgetPeriod.Fixed ? "its term" : period.ToName();

    // The key's own limits go without saying.
    private static string Whose(LimitScope? scope) => scope?.Kind switch
    {
        null or ScopeKind.Key => "",
        ScopeKind.Gateway => " of the whole gateway",
        { } kind => $" of the {kind.ToName()} {scope!.Name}",
    };

    private static string Seconds(TimeSpan wait) =>
        Math.Max(0.001, wait.TotalSeconds).ToString("0.###", CultureInfo.InvariantCulture) + "s";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
