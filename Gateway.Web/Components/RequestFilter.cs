using Gateway.Core.Accounting;

namespace Gateway.Web.Components;

/// <summary>Which requests a page shows; lives in the address.</summary>
public sealed record RequestFilter
{
    public const string Succeeded = "ok";
    public const string Failed = "error";

    public TimeRange? Range { get; init; }

    /// <summary><see cref="Succeeded"/>, <see cref="Failed"/> or an error kind; null for all.</summary>
    public string? Outcome { get; init; }
    public string? Model { get; init; }
    public string? Provider { get; init; }
    public string? KeyId { get; init; }

    /// <summary>A request id, or its beginning.</summary>
    public string? Text { get; init; }

    public bool IsEmpty => Outcome is null && Model is null && Provider is null && KeyId is null && Text is null;

    public IEnumerable<(string Name, string? Value)> ToQuery() =>
        (Range?.ToQuery(always: true) ?? []).Concat([("outcome", Outcome), ("model", Model), ("provider", Provider), ("key", KeyId), ("q", Text)]);

    /// <summary>The same decision as the database makes, for calls that are not there yet.</summary>
    public bool Matches(UsageRecord record) =>
        (Range is null || (record.StartedAt >= Range.From && (Range.Preset is not null || record.StartedAt < Range.To)))
        && (Outcome switch { null => true, Succeeded => record.ErrorKind is null, Failed => record.ErrorKind is not null, _ => record.ErrorKind == Outcome })
        && (Model is null || record.Model == Model || record.RequestedModel == Model)
        && (Provider is null || record.Provider == Provider)
        && (KeyId is null || record.KeyId == KeyId)
        && (Text is null || record.RequestId.StartsWith(Text, StringComparison.Ordinal));
}
