using Gateway.Core.Budgets;

namespace Gateway.Core.Limits;

/// <summary>
/// The verdict on one request and the figures for its <c>X-RateLimit-*</c> headers; a limit of 0 is none. Of several scopes
/// the figures are those of the one that refused, else those of the one with the least left.
/// </summary>
/// <param name="ResetRequestsMs">Until one more request fits; 0 is now.</param>
/// <param name="ResetTokensMs">Until the tokens asked for fit (or one, when they did); 0 is now.</param>
public readonly record struct LimitDecision(
    LimitKind Exceeded,
    int LimitRequests,
    int LimitTokens,
    long RemainingRequests,
    long RemainingTokens,
    int ResetRequestsMs,
    int ResetTokensMs)
{
    public bool Admitted => Exceeded == LimitKind.None;

    /// <summary>Whose limit stood in the way; null when none did.</summary>
    public LimitScope? Scope { get; init; }

    /// <summary>The budget that stood in the way, and how it stands; null when none did.</summary>
    public BudgetRefusal? Budget { get; init; }

    /// <summary>What stood in the way, for metrics; null when nothing did.</summary>
    public Accounting.LimitHit? Hit => Admitted ? null : new(Exceeded.ToName(), (Scope?.Kind ?? ScopeKind.Key).ToName());

    /// <summary>Until the limit that stood in the way lets the request through, as far as that is known.</summary>
    public TimeSpan RetryAfter { get; init; } =
        TimeSpan.FromMilliseconds(Exceeded == LimitKind.Tokens ? ResetTokensMs : ResetRequestsMs);

    /// <summary>Nobody can tell whether the call may pass.</summary>
    public static LimitDecision Unavailable(TimeSpan retryAfter) => new(LimitKind.Unavailable, 0, 0, 0, 0, 0, 0) { RetryAfter = retryAfter };

    /// <summary>The figures of both, each time those with less left.</summary>
    public LimitDecision Tighter(in LimitDecision other)
    {
        bool requests = other.LimitRequests > 0 && (LimitRequests == 0 || other.RemainingRequests < RemainingRequests);
        bool tokens = other.LimitTokens > 0 && (LimitTokens == 0 || other.RemainingTokens < RemainingTokens);
        return new LimitDecision(
            LimitKind.None,
            requests ? other.LimitRequests : LimitRequests,
            tokens ? other.LimitTokens : LimitTokens,
            requests ? other.RemainingRequests : RemainingRequests,
            tokens ? other.RemainingTokens : RemainingTokens,
            requests ? other.ResetRequestsMs : ResetRequestsMs,
            tokens ? other.ResetTokensMs : ResetTokensMs);
    }
}
