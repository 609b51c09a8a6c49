namespace Gateway.Web.Administration.SelfService;

/// <summary>What the holder of a key sees of it without an account.</summary>
internal sealed record OwnKeyView
{
    public required string Name { get; init; }
    public required string KeyPrefix { get; init; }
    public string? Team { get; init; }
    public string? Owner { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The text that was presented ends then, since the key was rotated; null when it does not.</summary>
    public DateTimeOffset? ReplacedUntil { get; init; }

    /// <summary>Names of the models that it may use.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>What it may be used for, such as <c>chat</c>; none is all.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>Addresses and networks that it may be used from; none is everywhere.</summary>
    public required IReadOnlyList<string> Networks { get; init; }
    public required IReadOnlyList<OwnLimit> Limits { get; init; }

    /// <summary>Of the key and its team.</summary>
    public required IReadOnlyList<OwnBudget> Budgets { get; init; }

    /// <summary>Over the window that was asked for.</summary>
    public required UsageView Usage { get; init; }

    /// <summary>The newest that failed, at most 20.</summary>
    public required IReadOnlyList<OwnFailure> Failures { get; init; }
}

/// <summary>What its calls are limited to; 0 is unlimited.</summary>
/// <param name="Of">One of <c>key, team, gateway</c>.</param>
/// <param name="RemainingRequests">In this minute, on this node; null where nothing is limited.</param>
internal sealed record OwnLimit(string Of, int Rpm, int Tpm, int MaxParallel, long? RemainingRequests, long? RemainingTokens);

/// <param name="Of">One of <c>key, team</c>.</param>
internal sealed record OwnBudget(string Name, string Of, bool Hard, BudgetStanding? Standing);

/// <param name="Message">As the client was told.</param>
internal sealed record OwnFailure(DateTimeOffset At, string RequestId, string? Model, int Status, string Kind, string? Message);
