using System.Data;
using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Storage.Usage;

/// <summary>A column of <c>usage_records</c> and how a record fills it: with text, with JSON or with a number.</summary>
internal sealed class UsageColumn
{
    private readonly int _maxLength;
    private readonly Func<UsageRecord, string?>? _text;
    private readonly Func<UsageRecord, bool>? _has;
    private readonly Action<Utf8JsonWriter, UsageRecord>? _json;
    private readonly Func<UsageRecord, long?>? _number;

    private UsageColumn(string name, int maxLength, Func<UsageRecord, string?> text)
    {
        Name = name;
        Type = DbType.String;
        _maxLength = maxLength;
        _text = text;
    }

    private UsageColumn(string name, Func<UsageRecord, bool> has, Action<Utf8JsonWriter, UsageRecord> json)
    {
        Name = name;
        Type = DbType.String;
        _has = has;
        _json = json;
    }

    private UsageColumn(string name, DbType type, Func<UsageRecord, long?> number)
    {
        Name = name;
        Type = type;
        _number = number;
    }

    public static readonly UsageColumn[] All =
    [
        Text("id", 32, r => r.Id.ToString("N")),
        Text("request_id", 200, r => r.RequestId),
        Text("trace_id", 64, r => r.TraceId),
        Number("started_at_ms", r => r.StartedAt.ToUnixTimeMilliseconds()),
        Text("operation", 32, r => r.Operation.ToName()),
        Text("method", 16, r => r.Method),
        Text("path", 256, r => r.Path),
        Text("key_id", 64, r => r.KeyId),
        Text("key_prefix", 32, r => r.KeyPrefix),
        Text("key_name", 200, r => r.KeyName),
        Text("requested_model", 256, r => r.RequestedModel),
        Text("model", 200, r => r.Model),
        Text("route", 200, r => r.Route),
        Text("provider", 200, r => r.Provider),
        Text("backend_id", 256, r => r.BackendId),
        Text("upstream_model", 256, r => r.UpstreamModel),
        Number("status", r => r.Status, DbType.Int32),
        Flag("streamed", r => r.Streamed),
        Flag("client_aborted", r => r.ClientAborted),
        Flag("admitted", r => r.Admitted),
        Text("error_kind", 64, r => r.ErrorKind),
        Text("error_message", 500, r => r.ErrorMessage),
        Text("finish_reason", 64, r => r.FinishReason),
        Number("usage_source", r => (long)r.Usage.Source, DbType.Int16),
        Number("input_tokens", r => r.Usage.InputTokens),
        Number("cached_input_tokens", r => r.Usage.CachedInputTokens),
        Number("cache_write_tokens", r => r.Usage.CacheWriteTokens),
        Number("long_cache_write_tokens", r => r.Usage.LongCacheWriteTokens),
        Number("output_tokens", r => r.Usage.OutputTokens),
        Number("reasoning_tokens", r => r.Usage.ReasoningTokens),
        Number("reserved_tokens", r => r.ReservedTokens),
        Number("reserved_nano_usd", r => r.ReservedCost.Value),
        Number("cost_nano_usd", r => r.Cost?.Value),
        Text("price_version", 256, r => r.PriceVersion),
        Number("duration_us", r => r.DurationUs),
        Number("time_to_first_token_us", r => r.TimeToFirstTokenUs),
        Number("upstream_us", r => r.UpstreamUs),
        Number("request_bytes", r => r.RequestBytes),
        Number("response_bytes", r => r.ResponseBytes),
        Text("lost", 500, r => r.Lost),
        Text("units_json", 128, r => r.Units is null ? null : JsonSerializer.Serialize(r.Units)),
        Text("input_hash", 64, r => r.InputHash),
        Text("metadata_json", int.MaxValue, r => r.Metadata),
        Json("attempts_json", _ => true, (json, r) => UsageJson.WriteAttempts(json, r.Attempts)),
        Number("attempt_count", r => r.Attempts.Count, DbType.Int32),
        Json("trace_json", r => r.Trace is not null, (json, r) => UsageJson.WriteTrace(json, r.Trace!)),
    ];

    public static string Names { get; } = string.Join(", ", All.Select(c => $"\"{c.Name}\""));

    public string Name { get; }

    public DbType Type { get; }

    /// <summary>Text, which JSON is, too.</summary>
    public bool IsText => _number is null;

    public bool IsJson => _json is not null;

    /// <summary>As the column takes it.</summary>
    public string? TextOf(UsageRecord record) => IsJson
        ? (TryGetJson(record, out ReadOnlySpan<byte> json) ? Encoding.UTF8.GetString(json) : null)
        : _text!(record) is { } text ? StoredText.Of(text, _maxLength) : null;

    /// <summary>The JSON, in a buffer of this thread's that the next call overwrites; false for none.</summary>
    public bool TryGetJson(UsageRecord record, out ReadOnlySpan<byte> json)
    {
        bool has = _has!(record);
        json = has ? UsageJson.Utf8Of(record, _json!) : default;
        return has;
    }

    /// <summary>What a number or, as 0 or 1, a flag is.</summary>
    public long? NumberOf(UsageRecord record) => _number!(record);

    /// <summary>As a parameter's value, in the column's type.</summary>
    public object ValueOf(UsageRecord record) => IsText ? TextOf(record) ?? (object)DBNull.Value : NumberOf(record) switch
    {
        null => DBNull.Value,
        { } number => Type switch
        {
            DbType.Boolean => number != 0,
            DbType.Int16 => (short)number,
            DbType.Int32 => (int)number,
            _ => number,
        },
    };

    private static UsageColumn Text(string name, int maxLength, Func<UsageRecord, string?> value) => new(name, maxLength, value);

    private static UsageColumn Json(string name, Func<UsageRecord, bool> has, Action<Utf8JsonWriter, UsageRecord> write) => new(name, has, write);

    private static UsageColumn Number(string name, Func<UsageRecord, long?> value, DbType type = DbType.Int64) => new(name, type, value);

    private static UsageColumn Flag(string name, Func<UsageRecord, bool> value) => new(name, DbType.Boolean, r => value(r) ? 1 : 0);
}
