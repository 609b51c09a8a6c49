using System.Data;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Storage.Usage;

/// <summary>A column of <c>usage_records</c> and how a record fills it.</summary>
/// <param name="MaxLength">Of text, in characters; longer text is cut, because a record that the database refuses would hold up all others.</param>
internal sealed record UsageColumn(string Name, DbType Type, int MaxLength, Func<UsageRecord, object?> Value)
{
    public static readonly IReadOnlyList<UsageColumn> All =
    [
        Text("id", 32, r => r.Id.ToString("N")),
        Text("request_id", 200, r => r.RequestId),
        Text("trace_id", 64, r => r.TraceId),
        Long("started_at_ms", r => r.StartedAt.ToUnixTimeMilliseconds()),
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
        new("status", DbType.Int32, 0, r => r.Status),
        new("streamed", DbType.Boolean, 0, r => r.Streamed),
        new("client_aborted", DbType.Boolean, 0, r => r.ClientAborted),
        new("admitted", DbType.Boolean, 0, r => r.Admitted),
        Text("error_kind", 64, r => r.ErrorKind),
        Text("error_message", 500, r => r.ErrorMessage),
        Text("finish_reason", 64, r => r.FinishReason),
        new("usage_source", DbType.Int16, 0, r => (short)r.Usage.Source),
        Long("input_tokens", r => r.Usage.InputTokens),
        Long("cached_input_tokens", r => r.Usage.CachedInputTokens),
        Long("cache_write_tokens", r => r.Usage.CacheWriteTokens),
        Long("output_tokens", r => r.Usage.OutputTokens),
        Long("reasoning_tokens", r => r.Usage.ReasoningTokens),
        Long("cost_nano_usd", r => r.Cost?.Value),
        Text("price_version", 256, r => r.PriceVersion),
        Long("duration_us", r => r.DurationUs),
        Long("time_to_first_token_us", r => r.TimeToFirstTokenUs),
        Long("upstream_us", r => r.UpstreamUs),
        Long("request_bytes", r => r.RequestBytes),
        Long("response_bytes", r => r.ResponseBytes),
        Text("input_hash", 64, r => r.InputHash),
        Text("metadata_json", int.MaxValue, r => r.Metadata),
        Text("attempts_json", int.MaxValue, r => r.Attempts.Count == 0 ? "[]" : JsonSerializer.Serialize(r.Attempts)),
        new("attempt_count", DbType.Int32, 0, r => r.Attempts.Count),
    ];

    public static string Names { get; } = string.Join(", ", All.Select(c => $"\"{c.Name}\""));

    /// <summary>As a parameter's value.</summary>
    public object Of(UsageRecord record) => Value(record) switch
    {
        null => DBNull.Value,
        string text => Clean(text, MaxLength),
        object other => other,
    };

    // PostgreSQL refuses the null character in text.
    private static string Clean(string text, int maxLength)
    {
        string whole = text.Contains('\0') ? text.Replace('\0', '\uFFFD') : text;
        return whole.Length <= maxLength ? whole : whole[..(char.IsHighSurrogate(whole[maxLength - 1]) ? maxLength - 1 : maxLength)];
    }

    private static UsageColumn Text(string name, int maxLength, Func<UsageRecord, string?> value) => new(name, DbType.String, maxLength, value);

    private static UsageColumn Long(string name, Func<UsageRecord, object?> value) => new(name, DbType.Int64, 0, value);
}
