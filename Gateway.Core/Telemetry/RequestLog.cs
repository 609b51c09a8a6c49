using Gateway.Core.Accounting;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Formats the two lines of a call: <c>request</c> for every request, <c>inference</c> for those that reached an upstream.
/// They hold no prompt and no answer; the input is there as its SHA-256 only. Used by one thread at a time.
/// </summary>
public sealed class RequestLog(RequestLogSettings settings = default) : IDisposable
{
    private readonly LogLine _line = LogLine.Of(settings);

    /// <summary>The lines since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _line.Output.WrittenSpan;

    public void Clear() => _line.Output.ResetWrittenCount();

    public void Add(UsageRecord record)
    {
        LineLevel level = record.Status >= 500 ? LineLevel.Error : record.Status >= 400 ? LineLevel.Warn : LineLevel.Info;
        if (level >= settings.Least)
        {
            WriteRequest(record, level);
        }
        level = record.ErrorKind is null ? LineLevel.Info : LineLevel.Warn;
        if (record.Attempts.Count > 0 && level >= settings.Least)
        {
            WriteInference(record, level);
        }
    }

    /// <summary>Adds a line of calls that are missing in the log.</summary>
    public void AddLost(DateTimeOffset time, long calls)
    {
        if (LineLevel.Warn >= settings.Least)
        {
            _line.Begin(time, LineLevel.Warn, "calls missing in this log: it was not read fast enough, or there was no room for it");
            _line.Write("calls", calls);
            _line.End();
        }
    }

    public void Dispose() => _line.Dispose();

    private void Begin(UsageRecord record, LineLevel level, string message)
    {
        _line.Begin(record.StartedAt, level, message);
        _line.Write("request_id", record.RequestId);
        _line.WriteOptional("trace_id", record.TraceId);
    }

    private void WriteRequest(UsageRecord record, LineLevel level)
    {
        Begin(record, level, "request");
        _line.Write("method", record.Method);
        _line.Write("path", record.Path);
        _line.Write("status", record.Status);
        _line.Write("response_bytes", record.ResponseBytes);
        _line.Write("gateway_latency", record.DurationUs * 1000);
        _line.WriteOptional("model", record.Model ?? record.RequestedModel);
        _line.WriteOptional("key_prefix", record.KeyPrefix);
        _line.WriteOptional("provider", record.Provider);
        _line.WriteOptional("backend", record.BackendId);
        _line.WriteOptional("backend_url", UrlOf(record));
        _line.WriteOptional("error", record.ErrorKind);
        if (record.ClientAborted)
        {
            _line.Write("client_aborted", true);
        }
        _line.End();
    }

    private void WriteInference(UsageRecord record, LineLevel level)
    {
        Begin(record, level, "inference");
        _line.WriteOptional("model", record.Model);
        _line.WriteOptional("upstream_model", record.UpstreamModel);
        _line.WriteOptional("routed_provider", record.Provider);
        _line.WriteOptional("route", record.Route);
        _line.WriteOptional("input_hash", record.InputHash);
        _line.Write("prompt_tokens", record.Usage.InputTokens);
        _line.Write("completion_tokens", record.Usage.OutputTokens);
        _line.Write("total_tokens", record.Usage.TotalTokens);
        _line.Write("cached_tokens", record.Usage.CachedInputTokens);
        _line.Write("reasoning_tokens", record.Usage.ReasoningTokens);
        _line.Write("usage", record.Usage.Source switch
        {
            UsageSource.Reported => "reported",
            UsageSource.Estimated => "estimated",
            UsageSource.Unknown => "unknown",
            _ => "none",
        });
        if (record.Units is { } units)
        {
            _line.Write("billed_unit", units.Name);
            _line.Write("billed_units", units.Count);
        }
        _line.Write("cost_usd", record.Cost?.ToString());
        _line.Write("provider_latency", record.UpstreamUs * 1000);
        _line.Write("gateway_latency", record.DurationUs * 1000);
        if (record.TimeToFirstTokenUs is { } first)
        {
            _line.Write("time_to_first_token", first * 1000);
        }
        _line.Write("stream", record.Streamed);
        _line.Write("attempts", record.Attempts.Count);
        WriteFault(record);
        _line.Write("fallback_occurred", record.FallbackOccurred);
        _line.WriteOptional("finish_reason", record.FinishReason);
        _line.WriteOptional("lossy", record.Lost);
        _line.WriteOptional("error", record.ErrorKind);
        _line.WriteOptional("key_prefix", record.KeyPrefix);
        _line.Write("metadata", record.Metadata ?? "{}");
        _line.End();
    }

    // The first fault that an operator had injected; nothing on nearly every call.
    private void WriteFault(UsageRecord record)
    {
        foreach (AttemptRecord attempt in record.Attempts)
        {
            if (attempt.Fault is { } fault)
            {
                _line.Write("fault", fault);
                return;
            }
        }
    }

    // Without user info and query, where secrets may be.
    private static string? UrlOf(UsageRecord record)
    {
        for (int i = record.Attempts.Count - 1; i >= 0; i--)
        {
            if (record.Attempts[i] is { Url: { } url } attempt && attempt.BackendId == record.BackendId)
            {
                return url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.StrongPort | UriComponents.Path, UriFormat.UriEscaped);
            }
        }
        return null;
    }
}
