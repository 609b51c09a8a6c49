namespace Gateway.Web.Administration;

/// <summary>How a backend stands on one of several nodes. Fields are those of <see cref="HealthView"/>.</summary>
public sealed record NodeHealthView
{
    /// <summary>The node, as people call it.</summary>
    public required string Node { get; init; }

    /// <summary>The backend's id.</summary>
    public required string Backend { get; init; }
    public required string State { get; init; }
    public required string Breaker { get; init; }
    public DateTimeOffset? Since { get; init; }
    public long RetryAfterMs { get; init; }
    public int FailuresInRow { get; init; }
    public int InFlight { get; init; }
    public long Successes { get; init; }
    public long Failures { get; init; }
    public HealthFailure? LastFailure { get; init; }

    /// <summary>False: the node knows nothing of it.</summary>
    internal bool HasCalled => Successes + Failures + InFlight > 0 || Breaker != "closed";

    internal static NodeHealthView Of(HealthView health, string node) => new()
    {
        Node = node,
        Backend = health.Backend,
        State = health.State,
        Breaker = health.Breaker,
        Since = health.Since,
        RetryAfterMs = health.RetryAfterMs,
        FailuresInRow = health.FailuresInRow,
        InFlight = health.InFlight,
        Successes = health.Successes,
        Failures = health.Failures,
        LastFailure = health.LastFailure,
    };
}
