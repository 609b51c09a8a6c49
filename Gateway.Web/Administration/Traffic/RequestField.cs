using System.Linq.Expressions;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;

namespace Gateway.Web.Administration.Traffic;

/// <summary>What the values of a field are.</summary>
public enum RequestUnit
{
    Text,
    Count,

    /// <summary>A status, or a class of them: <c>429</c>, <c>5xx</c>.</summary>
    Status,

    /// <summary>Microseconds; written as <c>500ms</c> or <c>2s</c>, a bare number is seconds.</summary>
    Duration,

    /// <summary>Nano-dollars; written as dollars.</summary>
    Dollars,

    /// <summary>Written as <c>yes</c> or <c>no</c>.</summary>
    Flag,
}

/// <summary>A property of calls that queries may name: its name, and where the database's rows and the journal's records have it.</summary>
public sealed class RequestField
{
    private RequestField(string name, RequestUnit unit, string help)
    {
        Name = name;
        Unit = unit;
        Help = help;
    }

    public static readonly RequestField Id = Text("id", "a request id; a beginning ends with *", r => r.RequestId, r => r.RequestId);
    public static readonly RequestField Status = Number("status", RequestUnit.Status, "429, 5xx, >=400", r => r.Status, r => r.Status);
    public static readonly RequestField Model = Text("model", "the model's public name", r => r.Model, r => r.Model, "model", d => d.Model);
    public static readonly RequestField Asked = Text("asked", "the name that was asked for", r => r.RequestedModel, r => r.RequestedModel);
    public static readonly RequestField Provider = Text("provider", "a provider", r => r.Provider, r => r.Provider, "provider", d => d.Provider);
    public static readonly RequestField Backend = Text("backend", "a backend's id", r => r.BackendId, r => r.BackendId, "backend_id", d => d.BackendId);
    public static readonly RequestField Key = Text("key", "a key's name or id", r => r.KeyId, r => r.KeyId, "key_id", d => d.KeyId);

    /// <summary>Read as the keys of the team.</summary>
    public static readonly RequestField Team = Text("team", "a team's name or id", r => r.KeyId, r => r.KeyId, "key_id", d => d.KeyId);
    public static readonly RequestField Route = Text("route", "a route", r => r.Route, r => r.Route);
    public static readonly RequestField Error = Text("error", "upstream_timeout, …; * is any", r => r.ErrorKind, r => r.ErrorKind);
    public static readonly RequestField Operation = Text("operation", "chat.completions, embeddings, …", r => r.Operation, r => r.Operation.ToName());
    public static readonly RequestField Finish = Text("finish", "stop, length, …", r => r.FinishReason, r => r.FinishReason);
    public static readonly RequestField Latency = Number("latency", RequestUnit.Duration, ">2s, <500ms, 1s..2s", r => r.DurationUs, r => r.DurationUs);
    public static readonly RequestField Ttft = Number("ttft", RequestUnit.Duration, "time to the first token: >1s", r => r.TimeToFirstTokenUs, r => r.TimeToFirstTokenUs);
    public static readonly RequestField Input = Number("input", RequestUnit.Count, "tokens in: >1000", r => r.InputTokens, r => r.Usage.InputTokens);
    public static readonly RequestField Cached = Number("cached", RequestUnit.Count, "tokens in from a cache: >0", r => r.CachedInputTokens, r => r.Usage.CachedInputTokens);
    public static readonly RequestField Output = Number("output", RequestUnit.Count, "tokens out: >1000", r => r.OutputTokens, r => r.Usage.OutputTokens);
    public static readonly RequestField Cost = Number("cost", RequestUnit.Dollars, "dollars: >0.01", r => r.CostNanoUsd, r => r.Cost?.Value);
    public static readonly RequestField Attempts = Number("attempts", RequestUnit.Count, "calls upstream: >1", r => r.AttemptCount, r => r.Attempts.Count);
    public static readonly RequestField Stream = Number("stream", RequestUnit.Flag, "yes or no", r => r.Streamed ? 1 : 0, r => r.Streamed ? 1 : 0);
    public static readonly RequestField Aborted = Number("aborted", RequestUnit.Flag, "yes or no", r => r.ClientAborted ? 1 : 0, r => r.ClientAborted ? 1 : 0);
    public static readonly RequestField Refused = Number("refused", RequestUnit.Flag, "yes or no: by the gateway itself", r => r.Admitted ? 0 : 1, r => r.Admitted ? 0 : 1);

    /// <summary>In the order of the help.</summary>
    public static IReadOnlyList<RequestField> All { get; } =
    [
        Status, Model, Provider, Key, Team, Error, Latency, Ttft, Input, Output, Cached, Cost, Attempts, Route, Backend, Asked, Operation,
        Finish, Stream, Aborted, Refused, Id,
    ];

    public string Name { get; }
    public RequestUnit Unit { get; }

    /// <summary>What may stand after the colon.</summary>
    public string Help { get; }

    internal Expression<Func<UsageRecordRow, string?>>? RowText { get; private init; }
    internal Func<UsageRecord, string?>? RecordText { get; private init; }
    internal Expression<Func<UsageRecordRow, long?>>? RowNumber { get; private init; }
    internal Func<UsageRecord, long?>? RecordNumber { get; private init; }

    /// <summary>The column of the rollups that has it; null where they do not tell calls apart by it.</summary>
    internal string? RollupColumn { get; private init; }
    internal Func<RollupDimensions, string>? RollupText { get; private init; }

    public static RequestField? Find(string name) => All.FirstOrDefault(f => f.Name == name);

    private static RequestField Text(
        string name, string help, Expression<Func<UsageRecordRow, string?>> row, Func<UsageRecord, string?> record,
        string? rollupColumn = null, Func<RollupDimensions, string>? rollup = null) =>
        new(name, RequestUnit.Text, help) { RowText = row, RecordText = record, RollupColumn = rollupColumn, RollupText = rollup };

    private static RequestField Number(
        string name, RequestUnit unit, string help, Expression<Func<UsageRecordRow, long?>> row, Func<UsageRecord, long?> record) =>
        new(name, unit, help) { RowNumber = row, RecordNumber = record };
}
