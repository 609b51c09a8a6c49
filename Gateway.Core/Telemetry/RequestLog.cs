using Gateway.Core.Accounting;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Formats the two lines of a call: <c>request</c> for every request, <c>inference</c> for those that reached an upstream.
/// They hold no prompt and no answer; the input is there as its SHA-256 only. Used by one thread at a time.
/// </summary>
public sealed class RequestLog(RequestLogSettings settings = default)
{
    private readonly LogLine _line = LogLine.Of(settings);
    private (Uri? Url, string? Text) _lastUrl;

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
            _line.Begin(time, LineLevel.Warn, "calls missing in this log: it was not read fast enough, or there was no room for it"u8);
            _line.Write("calls"u8, calls);
            _line.End();
        }
    }

    private void Begin(UsageRecord record, LineLevel level, ReadOnlySpan<byte> message)
    {
        _line.Begin(record.StartedAt, level, message);
        _line.Write("request_id"u8, record.RequestId);
        _line.WriteOptional("trace_id"u8, record.TraceId);
    }

    private void WriteRequest(UsageRecord record, LineLevel level)
    {
        Begin(record, level, "request"u8);
        _line.Write("method"u8, record.Method);
        _line.Write("path"u8, record.Path);
        _line.Write("status"u8, record.Status);
        _line.Write("response_bytes"u8, record.ResponseBytes);
        _line.Write("gateway_latency"u8, record.DurationUs * 1000);
        _line.WriteOptional("model"u8, record.Model ?? record.RequestedModel);
        _line.WriteOptional("key_prefix"u8, record.KeyPrefix);
        _line.WriteOptional("provider"u8, record.Provider);
        _line.WriteOptional("backend"u8, record.BackendId);
        _line.WriteOptional("backend_url"u8, UrlOf(record));
        _line.WriteOptional("error"u8, record.ErrorKind);
        if (record.ClientAborted)
        {
            _line.Write("client_aborted"u8, true);
        }
        _line.End();
    }

    private void WriteInference(UsageRecord record, LineLevel level)
    {
        Begin(record, level, "inference"u8);
        _line.WriteOptional("model"u8, record.Model);
        _line.WriteOptional("upstream_model"u8, record.UpstreamModel);
        _line.WriteOptional("routed_provider"u8, record.Provider);
        _line.WriteOptional("route"u8, record.Route);
        _line.WriteOptional("input_hash"u8, record.InputHash);
        _line.Write("prompt_tokens"u8, record.Usage.InputTokens);
        _line.Write("completion_tokens"u8, record.Usage.OutputTokens);
        _line.Write("total_tokens"u8, record.Usage.TotalTokens);
        _line.Write("cached_tokens"u8, record.Usage.CachedInputTokens);
        _line.Write("reasoning_tokens"u8, record.Usage.ReasoningTokens);
        _line.Write("usage"u8, record.Usage.Source switch
        {
            UsageSource.Reported => "reported",
            UsageSource.Estimated => "estimated",
            UsageSource.Unknown => "unknown",
            _ => "none",
        });
        if (record.Units is { } units)
        {
            _line.Write("billed_unit"u8, units.Name);
            _line.Write("billed_units"u8, units.Count);
        }
        _line.Write("cost_usd"u8, record.Cost?.ToString());
        _line.Write("provider_latency"u8, record.UpstreamUs * 1000);
        _line.Write("gateway_latency"u8, record.DurationUs * 1000);
        if (record.TimeToFirstTokenUs is { } first)
        {
            _line.Write("time_to_first_token"u8, first * 1000);
        }
        _line.Write("stream"u8, record.Streamed);
        _line.Write("attempts"u8, record.Attempts.Count);
        WriteFault(record);
        _line.Write("fallback_occurred"u8, record.FallbackOccurred);
        _line.WriteOptional("finish_reason"u8, record.FinishReason);
        _line.WriteOptional("lossy"u8, record.Lost);
        _line.WriteOptional("error"u8, record.ErrorKind);
        _line.WriteOptional("key_prefix"u8, record.KeyPrefix);
        _line.Write("metadata"u8, record.Metadata ?? "{}");
        _line.End();
    }

    // The first fault that an operator had injected; nothing on nearly every call.
    private void WriteFault(UsageRecord record)
    {
        foreach (AttemptRecord attempt in record.Attempts)
        {
            if (attempt.Fault is { } fault)
            {
                _line.Write("fault"u8, fault);
                return;
            }
        }
    }

    // Without user info and query, where secrets may be.
    private string? UrlOf(UsageRecord record)
    {
        for (int i = record.Attempts.Count - 1; i >= 0; i--)
        {
            if (record.Attempts[i] is { Url: { } url } attempt && attempt.BackendId == record.BackendId)
            {
                if (_lastUrl.Url != (object)url)
                {
                    _lastUrl = (url, url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.StrongPort | UriComponents.Path, UriFormat.UriEscaped));
                }
                return _lastUrl.Text;
            }
        }
        return null;
    }
}
