using Gateway.Core.Accounting;
using Gateway.Web.Administration;

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

    /// <summary>A preset ends now, and now goes on: it has no end.</summary>
    public RequestQuery ToRequestQuery() => new()
    {
        From = Range?.From,
        To = Range is { Preset: null } range ? range.To : null,
        Failed = Outcome switch { Succeeded => false, Failed => true, _ => null },
        ErrorKind = Outcome is Succeeded or Failed ? null : Outcome,
        Model = Model,
        Provider = Provider,
        KeyId = KeyId,
        RequestId = Text,
    };

    public bool Matches(UsageRecord record) => ToRequestQuery().Matches(record);
}
