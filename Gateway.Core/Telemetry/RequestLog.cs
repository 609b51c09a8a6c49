using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Accounting;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Formats the two JSON lines of a call: <c>request</c> for every request, <c>inference</c> for those that reached an upstream.
/// They hold no prompt and no answer; the input is there as its SHA-256 only. Used by one thread at a time.
/// </summary>
public sealed class RequestLog : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(16_384);
    private readonly Utf8JsonWriter _json;

    public RequestLog() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The lines since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Clear() => _buffer.ResetWrittenCount();

    public void Add(UsageRecord record)
    {
        WriteRequest(record);
        if (record.Attempts.Count > 0)
        {
            WriteInference(record);
        }
    }

    public void Dispose() => _json.Dispose();

    private void Begin(UsageRecord record, ReadOnlySpan<byte> message, ReadOnlySpan<byte> level)
    {
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("time"u8, record.StartedAt.UtcDateTime);
        _json.WriteString("level"u8, level);
        _json.WriteString("msg"u8, message);
        _json.WriteString("request_id"u8, record.RequestId);
        WriteOptional("trace_id"u8, record.TraceId);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
    }

    private void WriteRequest(UsageRecord record)
    {
        Begin(record, "request"u8, record.Status >= 500 ? "ERROR"u8 : record.Status >= 400 ? "WARN"u8 : "INFO"u8);
        _json.WriteString("method"u8, record.Method);
        _json.WriteString("path"u8, record.Path);
        _json.WriteNumber("status"u8, record.Status);
        _json.WriteNumber("response_bytes"u8, record.ResponseBytes);
        _json.WriteNumber("gateway_latency"u8, record.DurationUs * 1000);
        WriteOptional("model"u8, record.Model ?? record.RequestedModel);
        WriteOptional("key_prefix"u8, record.KeyPrefix);
        WriteOptional("backend"u8, record.BackendId);
        WriteOptional("error"u8, record.ErrorKind);
        if (record.ClientAborted)
        {
            _json.WriteBoolean("client_aborted"u8, true);
        }
        End();
    }

    private void WriteInference(UsageRecord record)
    {
        Begin(record, "inference"u8, record.ErrorKind is null ? "INFO"u8 : "WARN"u8);
        WriteOptional("model"u8, record.Model);
        WriteOptional("upstream_model"u8, record.UpstreamModel);
        WriteOptional("routed_provider"u8, record.Provider);
        WriteOptional("route"u8, record.Route);
        WriteOptional("input_hash"u8, record.InputHash);
        _json.WriteNumber("prompt_tokens"u8, record.Usage.InputTokens);
        _json.WriteNumber("completion_tokens"u8, record.Usage.OutputTokens);
        _json.WriteNumber("total_tokens"u8, record.Usage.TotalTokens);
        _json.WriteNumber("cached_tokens"u8, record.Usage.CachedInputTokens);
        _json.WriteNumber("reasoning_tokens"u8, record.Usage.ReasoningTokens);
        _json.WriteString("usage"u8, record.Usage.Source switch
        {
            UsageSource.Reported => "reported"u8,
            UsageSource.Estimated => "estimated"u8,
            UsageSource.Unknown => "unknown"u8,
            _ => "none"u8,
        });
        if (record.Units is { } units)
        {
            _json.WriteString("billed_unit"u8, units.Name);
            _json.WriteNumber("billed_units"u8, units.Count);
        }
        if (record.Cost is { } cost)
        {
            _json.WriteString("cost_usd"u8, cost.ToString());
        }
        else
        {
            _json.WriteNull("cost_usd"u8);
        }
        _json.WriteNumber("provider_latency"u8, record.UpstreamUs * 1000);
        _json.WriteNumber("gateway_latency"u8, record.DurationUs * 1000);
        if (record.TimeToFirstTokenUs is { } first)
        {
            _json.WriteNumber("time_to_first_token"u8, first * 1000);
        }
        _json.WriteBoolean("stream"u8, record.Streamed);
        _json.WriteNumber("attempts"u8, record.Attempts.Count);
        WriteFault(record);
        _json.WriteBoolean("fallback_occurred"u8, record.FallbackOccurred);
        WriteOptional("finish_reason"u8, record.FinishReason);
        WriteOptional("lossy"u8, record.Lost);
        WriteOptional("error"u8, record.ErrorKind);
        WriteOptional("key_prefix"u8, record.KeyPrefix);
        _json.WriteString("metadata"u8, record.Metadata ?? "{}");
        End();
    }

    // The first fault that an operator had injected; nothing on nearly every call.
    private void WriteFault(UsageRecord record)
    {
        foreach (AttemptRecord attempt in record.Attempts)
        {
            if (attempt.Fault is { } fault)
            {
                _json.WriteString("fault"u8, fault);
                return;
            }
        }
    }

    private void WriteOptional(ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            _json.WriteString(name, value);
        }
    }
}
