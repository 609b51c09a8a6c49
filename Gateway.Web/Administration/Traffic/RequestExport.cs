using System.Globalization;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Traffic;

/// <summary>Writes calls as they are read, one a line, so that neither side holds them all.</summary>
internal static class RequestExport
{
    private static readonly (string Name, Func<UsageRecord, object?> Value)[] Columns =
    [
        ("started_at", r => r.StartedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        ("id", r => r.Id.ToString("D")), ("request_id", r => r.RequestId), ("status", r => r.Status), ("error_kind", r => r.ErrorKind),
        ("error_message", r => r.ErrorMessage), ("operation", r => r.Operation.ToName()), ("key_id", r => r.KeyId), ("key_name", r => r.KeyName),
        ("requested_model", r => r.RequestedModel), ("model", r => r.Model), ("route", r => r.Route), ("provider", r => r.Provider),
        ("backend_id", r => r.BackendId), ("upstream_model", r => r.UpstreamModel), ("attempts", r => r.Attempts.Count), ("streamed", r => r.Streamed),
        ("client_aborted", r => r.ClientAborted), ("finish_reason", r => r.FinishReason), ("usage_source", r => r.Usage.Source.ToString().ToLowerInvariant()),
        ("input_tokens", r => r.Usage.InputTokens), ("cached_input_tokens", r => r.Usage.CachedInputTokens), ("output_tokens", r => r.Usage.OutputTokens),
        ("reasoning_tokens", r => r.Usage.ReasoningTokens), ("cost_usd", r => r.Cost?.ToDollars()), ("price_version", r => r.PriceVersion),
        ("duration_us", r => r.DurationUs), ("time_to_first_token_us", r => r.TimeToFirstTokenUs), ("upstream_us", r => r.UpstreamUs), ("trace_id", r => r.TraceId),
        ("metadata", r => r.Metadata),
    ];

    public static async Task WriteCsvAsync(Stream output, IAsyncEnumerable<UsageRecord> records, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(output, leaveOpen: true);
        await writer.WriteLineAsync(Csv.Line(Columns.Select(c => (object?)c.Name)).AsMemory(), cancellationToken);
        await foreach (UsageRecord record in records.WithCancellation(cancellationToken))
        {
            await writer.WriteLineAsync(Csv.Line(Columns.Select(c => c.Value(record))).AsMemory(), cancellationToken);
        }
    }

    public static async Task WriteNdjsonAsync(Stream output, IAsyncEnumerable<UsageRecord> records, CancellationToken cancellationToken)
    {
        await foreach (UsageRecord record in records.WithCancellation(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(output, record, Line, cancellationToken);
            await output.WriteAsync(NewLine, cancellationToken);
        }
    }

    private static readonly byte[] NewLine = "\n"u8.ToArray();
    private static readonly JsonSerializerOptions Line = new(AdministrationJson.Options) { WriteIndented = false };
}

/// <summary>Lines of comma-separated values that no spreadsheet takes for formulas.</summary>
internal static class Csv
{
    private static readonly char[] Special = [',', '"', '\r', '\n'];

    public static string Line(IEnumerable<object?> values) => string.Join(',', values.Select(Cell));

    private static string Cell(object? value)
    {
        string text = value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            // What begins like a formula is text to a spreadsheet only behind an apostrophe.
            string { Length: > 0 } words when words[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' => "'" + words,
            _ => value.ToString() ?? "",
        };
        return text.IndexOfAny(Special) < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
