namespace Gateway.Web.Health;

/// <summary>Something that happened to the running gateway.</summary>
/// <param name="Kind">One of <see cref="EventKinds"/>.</param>
/// <param name="SubjectId">The id of what it happened to.</param>
/// <param name="Detail">Short texts for people; no secret.</param>
internal sealed record OperationEvent(
    DateTimeOffset At, string Kind, string SubjectId, string SubjectName, IReadOnlyDictionary<string, string?> Detail)
{
    /// <summary>An event of which there is one thing to say.</summary>
    public static OperationEvent Of(DateTimeOffset at, string kind, string subjectId, string subjectName, string? cause = null) =>
        new(at, kind, subjectId, subjectName, cause is null ? new Dictionary<string, string?>() : new Dictionary<string, string?> { [Cause] = cause });

    /// <summary>The field of <see cref="Detail"/> that says why.</summary>
    public const string Cause = "cause";
}

/// <summary>The names of what happens.</summary>
internal static class EventKinds
{
    public const string CircuitOpen = "circuit.open";
    public const string CircuitHalfOpen = "circuit.half_open";
    public const string CircuitClosed = "circuit.closed";
    public const string CheckDown = "check.down";
    public const string CheckUp = "check.up";
    public const string DrainOn = "drain.on";
    public const string DrainOff = "drain.off";
    public const string ChaosStart = "chaos.start";
    public const string ChaosEnd = "chaos.end";
    public const string BudgetCrossed = "budget.crossed";
    public const string AlertFired = "alert.fired";
    public const string AlertResolved = "alert.resolved";

    /// <summary>A channel took a notice.</summary>
    public const string AlertSent = "alert.sent";

    /// <summary>A channel did not take a notice, however often it was tried.</summary>
    public const string AlertUnsent = "alert.unsent";
    public const string NodeStart = "node.start";
    public const string NodeStop = "node.stop";
    public const string DatabaseLost = "database.lost";
    public const string DatabaseBack = "database.back";
    public const string RedisLost = "redis.lost";
    public const string RedisBack = "redis.back";

    /// <summary>A change of the configuration; read from the audit log, not kept as an event.</summary>
    public const string Configuration = "config";
}
