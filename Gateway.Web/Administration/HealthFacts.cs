namespace Gateway.Web.Administration;

/// <summary>What one node knows of a backend by its calls.</summary>
public record HealthFacts
{
    /// <summary>The backend's id.</summary>
    public required string Backend { get; init; }

    /// <summary><c>ok</c>, <c>failing</c> (its circuit is open or its check fails), <c>recovering</c>, <c>draining</c>, <c>full</c>, <c>off</c> or <c>unknown</c> (nobody called it yet).</summary>
    public required string State { get; init; }

    /// <summary><c>closed</c>, <c>half_open</c> or <c>open</c>.</summary>
    public required string Breaker { get; init; }

    /// <summary>When the circuit last changed; null if it never did.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Until a call may try it again; 0 when one may now.</summary>
    public long RetryAfterMs { get; init; }
    public int FailuresInRow { get; init; }
    public int InFlight { get; init; }
    public long Successes { get; init; }
    public long Failures { get; init; }
    public HealthFailure? LastFailure { get; init; }
}
