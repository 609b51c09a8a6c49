using System.Linq.Expressions;
using Gateway.Core.Accounting;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration;

/// <summary>Which calls to list; null is all.</summary>
public sealed record RequestQuery
{
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? To { get; init; }
    public string? KeyId { get; init; }

    /// <summary>The model's public name, or the name that was asked for.</summary>
    public string? Model { get; init; }
    public string? Provider { get; init; }

    /// <summary>The status's first digit, 2 to 5.</summary>
    public int? StatusClass { get; init; }

    /// <summary>True for calls that failed, for whatever reason.</summary>
    public bool? Failed { get; init; }

    /// <summary>A name of <c>GatewayErrorKind</c> in snake case.</summary>
    public string? ErrorKind { get; init; }
    public bool? Streamed { get; init; }

    /// <summary>A request id, or its beginning.</summary>
    public string? RequestId { get; init; }

    /// <summary>The same decision as <see cref="Where"/> makes, for calls that are not in the database.</summary>
    public bool Matches(UsageRecord record) =>
        (From is not { } from || record.StartedAt >= from)
        && (To is not { } to || record.StartedAt < to)
        && (KeyId is null || record.KeyId == KeyId)
        && (Model is null || record.Model == Model || record.RequestedModel == Model)
        && (Provider is null || record.Provider == Provider)
        && (StatusClass is not { } digit || record.Status / 100 == digit)
        && (Failed is not { } failed || record.ErrorKind is not null == failed)
        && (ErrorKind is null || record.ErrorKind == ErrorKind)
        && (Streamed is not { } streamed || record.Streamed == streamed)
        && (RequestId is null || record.RequestId.StartsWith(RequestId, StringComparison.Ordinal));

    internal IQueryable<UsageRecordRow> Where(IQueryable<UsageRecordRow> rows)
    {
        long from = From?.ToUnixTimeMilliseconds() ?? 0;
        long to = To?.ToUnixTimeMilliseconds() ?? long.MaxValue;
        int status = StatusClass.GetValueOrDefault() * 100;
        int nextStatus = status + 100;
        rows = If(From is not null, r => r.StartedAtMs >= from);
        rows = If(To is not null, r => r.StartedAtMs < to);
        rows = If(KeyId is not null, r => r.KeyId == KeyId);
        rows = If(Model is not null, r => r.Model == Model || r.RequestedModel == Model);
        rows = If(Provider is not null, r => r.Provider == Provider);
        rows = If(StatusClass is not null, r => r.Status >= status && r.Status < nextStatus);
        rows = If(Failed == true, r => r.ErrorKind != null);
        rows = If(Failed == false, r => r.ErrorKind == null);
        rows = If(ErrorKind is not null, r => r.ErrorKind == ErrorKind);
        rows = If(Streamed is not null, r => r.Streamed == Streamed);
        return If(RequestId is not null, r => r.RequestId.StartsWith(RequestId!));

        IQueryable<UsageRecordRow> If(bool condition, Expression<Func<UsageRecordRow, bool>> predicate) => condition ? rows.Where(predicate) : rows;
    }
}
