using System.Data.Common;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Storage.Usage;

/// <summary>The columns of <c>usage_rollups</c>, in one order for writing and reading.</summary>
internal static class RollupColumns
{
    public static readonly string[] Key = ["resolution", "bucket_start_ms", "node", "key_id", "model", "provider", "backend_id"];

    public static readonly string[] Sums =
    [
        "requests", "refused", "errors", "streamed", "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens",
        "cost_nano_usd", "cost_unknown", "duration_us_sum", "upstream_us_sum", "time_to_first_token_us_sum", "time_to_first_token_count",
        "duration_histogram", "time_to_first_token_histogram",
    ];

    public static readonly string[] All = [.. Key, .. Sums];

    public static string KeyNames { get; } = Quote(Key);

    public static string SumNames { get; } = Quote(Sums);

    /// <summary><see cref="SumNames"/> with nothing in place of the histograms.</summary>
    public static string PlainSumNames { get; } = Quote(Sums[..^2]) + ", NULL, NULL";

    public static string Names { get; } = Quote(All);

    /// <summary>Parameter values in the order of <see cref="All"/>.</summary>
    public static object[] Values(RollupBucket bucket, string node, RollupDimensions dimensions, UsageSums sums) =>
    [
        (short)bucket.Resolution, bucket.StartMs, node, dimensions.KeyId, dimensions.Model, dimensions.Provider, dimensions.BackendId,
        sums.Requests, sums.Refused, sums.Errors, sums.Streamed, sums.InputTokens, sums.CachedInputTokens, sums.OutputTokens, sums.ReasoningTokens,
        sums.Cost.Value, sums.UnknownCost, sums.DurationSumUs, sums.UpstreamSumUs, sums.TimeToFirstTokenSumUs, sums.TimeToFirstToken.Count,
        sums.Duration.ToBytes(), sums.TimeToFirstToken.ToBytes(),
    ];

    /// <summary>Reads <see cref="Sums"/> from a row, beginning at a column.</summary>
    public static UsageSums Read(DbDataReader row, int first)
    {
        UsageSums sums = ReadPlain(row, first, out byte[]? duration, out byte[]? timeToFirstToken);
        sums.Duration.Add(duration);
        sums.TimeToFirstToken.Add(timeToFirstToken);
        return sums;
    }

    /// <summary>As <see cref="Read"/>, with the histograms as they are stored: there are many rows to one sum.</summary>
    public static UsageSums ReadPlain(DbDataReader row, int first, out byte[]? duration, out byte[]? timeToFirstToken)
    {
        duration = Bytes(row, first + 14);
        timeToFirstToken = Bytes(row, first + 15);
        return Plain(row, first);
    }

    private static UsageSums Plain(DbDataReader row, int first) => new()
    {
        Requests = row.GetInt64(first),
        Refused = row.GetInt64(first + 1),
        Errors = row.GetInt64(first + 2),
        Streamed = row.GetInt64(first + 3),
        InputTokens = row.GetInt64(first + 4),
        CachedInputTokens = row.GetInt64(first + 5),
        OutputTokens = row.GetInt64(first + 6),
        ReasoningTokens = row.GetInt64(first + 7),
        Cost = new NanoUsd(row.GetInt64(first + 8)),
        UnknownCost = row.GetInt64(first + 9),
        DurationSumUs = row.GetInt64(first + 10),
        UpstreamSumUs = row.GetInt64(first + 11),
        TimeToFirstTokenSumUs = row.GetInt64(first + 12),
    };

    private static byte[]? Bytes(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);

    private static string Quote(string[] names) => string.Join(", ", names.Select(n => $"\"{n}\""));
}

/// <summary>A span of time.</summary>
internal readonly record struct RollupBucket(RollupResolution Resolution, long StartMs)
{
    public const long MinuteMs = 60_000;
    public const long HourMs = 60 * MinuteMs;
    public const long DayMs = 24 * HourMs;

    /// <summary>The span of that length that an instant lies in.</summary>
    public static RollupBucket Of(RollupResolution resolution, long unixMs)
    {
        long width = Width(resolution);
        return new RollupBucket(resolution, unixMs / width * width);
    }

    public static long Width(RollupResolution resolution) => resolution switch
    {
        RollupResolution.Minute => MinuteMs,
        RollupResolution.Hour => HourMs,
        _ => DayMs,
    };
}

/// <summary>What a rollup row is about; empty where a call had none.</summary>
internal readonly record struct RollupDimensions(string KeyId, string Model, string Provider, string BackendId)
{
    /// <summary>Stands for the names that a day has no room for.</summary>
    public const string Other = "(other)";

    public static RollupDimensions Of(UsageRecord record) => new(
        Text(record.KeyId, 64), Text(record.Model, 200), Text(record.Provider, 200), Text(record.BackendId, 256));

    /// <summary>The same without the model's name, which is part of the backend's where no catalog has it.</summary>
    public RollupDimensions WithoutName() => this with { Model = Other, BackendId = BackendId.Length == 0 ? "" : Other };

    private static string Text(string? text, int maxLength) => text is null ? "" : StoredText.Of(text, maxLength);
}
