namespace Gateway.Web.Administration.Operations;

/// <summary>Something that happened to the running gateway, as pages and the admin API show it.</summary>
/// <param name="Kind">For example <c>circuit.open</c>; <c>config</c> is a change of the configuration.</param>
/// <param name="Node">Where it happened; empty where it concerns all nodes.</param>
/// <param name="Subject">The id of what it happened to.</param>
/// <param name="Text">The whole in a sentence.</param>
/// <param name="By">Who did it; null where nobody did.</param>
public sealed record EventView(
    string Id, DateTimeOffset At, string Kind, string Node, string Subject, string SubjectName, string Text, string? By, IReadOnlyDictionary<string, string?> Detail);

/// <summary>Which events to list; null is all.</summary>
public sealed record EventQuery
{
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>A kind, or the part before its point: <c>circuit</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>An id of what it happened to.</summary>
    public string? Subject { get; init; }

    /// <summary>Id of the last entry of the page before.</summary>
    public string? After { get; init; }
    public int Limit { get; init; } = 200;
}
