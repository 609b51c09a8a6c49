namespace Gateway.Web.Components;

/// <summary>What the Requests page shows; lives in the address.</summary>
public sealed record RequestFilter
{
    public TimeRange? Range { get; init; }

    /// <summary><c>ok</c>, <c>error</c>, or an error kind; null for all.</summary>
    public string? Outcome { get; init; }
    public string? Model { get; init; }
    public string? Provider { get; init; }
    public string? KeyId { get; init; }

    /// <summary>Part of a request id, or a whole one.</summary>
    public string? Text { get; init; }

    public bool IsEmpty => Outcome is null && Model is null && Provider is null && KeyId is null && Text is null;

    public IEnumerable<(string Name, string? Value)> ToQuery() =>
        (Range?.ToQuery() ?? []).Concat([("outcome", Outcome), ("model", Model), ("provider", Provider), ("key", KeyId), ("q", Text)]);
}
