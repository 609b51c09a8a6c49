namespace Gateway.Web.Alerts;

/// <summary>When to tell whom of what; kept as a document.</summary>
internal sealed record AlertRule
{
    public const string Kind = "alert-rule";

    /// <summary>A name of <see cref="AlertMetric"/>.</summary>
    public required string Metric { get; init; }

    /// <summary>A name of <c>ScopeKinds</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The id of what it looks at; empty for the whole gateway.</summary>
    public string Of { get; init; } = "";
    public double Threshold { get; init; }
    public int WindowMinutes { get; init; } = 5;

    /// <summary>So long it must have been beyond the threshold.</summary>
    public int ForSeconds { get; init; }

    /// <summary><c>critical</c>, <c>warning</c> or <c>info</c>.</summary>
    public string Severity { get; init; } = "warning";

    /// <summary>Ids of channels.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    /// <summary>While it fires it is told again after so long; 0 tells once.</summary>
    public int RepeatMinutes { get; init; } = 60;

    /// <summary>With fewer calls in the window their shares and percentiles mean nothing.</summary>
    public int MinimumCalls { get; init; } = 5;
    public bool Active { get; init; } = true;

    public static readonly IReadOnlyList<string> Severities = ["critical", "warning", "info"];
}
