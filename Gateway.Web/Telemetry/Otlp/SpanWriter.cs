using System.Buffers.Binary;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Web.Telemetry.Otlp;

/// <summary>
/// Makes the spans of finished calls: one of the kind SERVER for the call, and one of the kind CLIENT for each attempt, under the id
/// that its upstream was told. Written straight as OTLP's <c>ExportTraceServiceRequest</c>. Used by one thread at a time.
/// </summary>
internal sealed class SpanWriter(OtlpSettings settings, GatewayCatalog catalog, string version)
{
    private const int Server = 2;
    private const int Client = 3;
    private const int Failed = 2;
    private const int MostMetadata = 32;
    private const int MostMetadataChars = 256;
    private const uint KnowsWhetherRemote = 0x100;
    private const uint IsRemote = 0x200;

    private readonly ProtoWriter _out = new();
    private int _resource;
    private int _scope;

    /// <summary>The request that was completed last.</summary>
    public ReadOnlyMemory<byte> Written => _out.Written;

    public int Length => _out.Length;

    /// <summary>Begins a request.</summary>
    public void Begin()
    {
        _out.Truncate(0);
        _resource = _out.Begin(1);
        int resource = _out.Begin(1);
        foreach ((string key, string value) in settings.Resource)
        {
            Attribute(1, key, value);
        }
        _out.End(resource);
        _scope = _out.Begin(2);
        int scope = _out.Begin(1);
        _out.Text(1, "GatewayConsole");
        _out.Text(2, version);
        _out.End(scope);
    }

    /// <summary>Completes the request.</summary>
    public void End()
    {
        _out.End(_scope);
        _out.End(_resource);
    }

    /// <summary>Adds a call's spans, and says how many.</summary>
    public int Add(UsageRecord record)
    {
        ulong call = TraceContext.SpanOf(record.Id, 0);
        WriteCall(record, call);
        int answered = AnsweredOf(record);
        for (int i = 0; i < record.Attempts.Count; i++)
        {
            WriteAttempt(record, record.Attempts[i], call, isAnswer: i == answered);
        }
        return record.Attempts.Count + 1;
    }

    private void WriteCall(UsageRecord record, ulong id)
    {
        string route = RouteOf(record);
        int span = BeginSpan(record.TraceContext, id, record.TraceContext.Parent, $"{record.Method} {route}", Server, isParentRemote: true);
        Times(record, 0, record.DurationUs);
        Attribute(9, "http.request.method", record.Method);
        Attribute(9, "http.route", route);
        Attribute(9, "http.response.status_code", record.Status);
        Attribute(9, GenAi.OperationName, GenAi.NameOf(record.Operation));
        Attribute(9, GenAi.RequestModel, record.RequestedModel);
        Attribute(9, "gateway.request_id", record.RequestId);
        Attribute(9, "gateway.model", record.Model);
        Attribute(9, "gateway.route", record.Route);
        Attribute(9, "gateway.provider", record.Provider);
        Attribute(9, "gateway.backend", record.BackendId);
        Attribute(9, "gateway.cost_usd", record.Cost?.ToString());
        Attribute(9, "gateway.attempts", record.Attempts.Count);
        Attribute(9, "gateway.stream", record.Streamed);
        if (record.TimeToFirstTokenUs is { } first)
        {
            Attribute(9, "gateway.time_to_first_token_ms", first / 1000);
        }
        Metadata(record.Metadata);
        Attribute(9, "error.type", record.ErrorKind);
        // A mistake of the client's is no failure of the server's.
        Status(record.Status >= 500);
        _out.End(span);
    }

    private void WriteAttempt(UsageRecord record, AttemptRecord attempt, ulong call, bool isAnswer)
    {
        string operation = GenAi.NameOf(record.Operation);
        bool superseded = attempt.ErrorKind == AttemptRecord.Superseded;
        int span = BeginSpan(record.TraceContext, attempt.SpanId, call, $"{operation} {attempt.UpstreamModel}".TrimEnd(), Client, isParentRemote: false);
        Times(record, attempt.StartUs, attempt.DurationUs);
        Attribute(9, GenAi.OperationName, operation);
        Attribute(9, GenAi.ProviderName, catalog.Current.FindProvider(attempt.Provider) is { } provider ? GenAi.NameOf(provider.Kind) : attempt.Provider);
        Attribute(9, GenAi.RequestModel, attempt.UpstreamModel);
        Attribute(9, "gateway.provider", attempt.Provider);
        Attribute(9, "gateway.backend", attempt.BackendId);
        Attribute(9, "gateway.request_id", record.RequestId);
        Attribute(9, "gateway.superseded", superseded);
        if (attempt.Url is { } url)
        {
            Attribute(9, "http.request.method", record.Method);
            Attribute(9, "server.address", url.Host);
            Attribute(9, "server.port", url.Port);
        }
        if (attempt.Status is { } status)
        {
            Attribute(9, "http.response.status_code", status);
        }
        if (isAnswer)
        {
            Answer(record, attempt);
        }
        Attribute(9, "error.type", superseded ? null : attempt.ErrorKind);
        Status(attempt.ErrorKind is not null && !superseded);
        _out.End(span);
    }

    // Of one span only: whoever adds tokens up over spans counts none of them twice.
    private void Answer(UsageRecord record, AttemptRecord attempt)
    {
        Attribute(9, GenAi.ResponseModel, attempt.UpstreamModel);
        if (record.Usage.Source is UsageSource.Reported or UsageSource.Estimated)
        {
            Attribute(9, GenAi.InputTokens, record.Usage.InputTokens);
            Attribute(9, GenAi.OutputTokens, record.Usage.OutputTokens);
            Attribute(9, GenAi.CachedTokens, record.Usage.CachedInputTokens);
            Attribute(9, "gateway.usage_estimated", record.Usage.Source == UsageSource.Estimated);
        }
        if (record.FinishReason is { } reason)
        {
            int pair = _out.Begin(9);
            _out.Text(1, GenAi.FinishReasons);
            int value = _out.Begin(2);
            int array = _out.Begin(5);
            int entry = _out.Begin(1);
            _out.Text(1, reason);
            _out.End(entry);
            _out.End(array);
            _out.End(value);
            _out.End(pair);
        }
    }

    // The last one that brought something: an answer that was gone on with elsewhere is the last one's.
    private static int AnsweredOf(UsageRecord record)
    {
        for (int i = record.Attempts.Count - 1; i >= 0; i--)
        {
            if (record.Attempts[i].ErrorKind is null)
            {
                return i;
            }
        }
        return -1;
    }

    // Few of them, whatever clients ask for: names of spans are what tools group by.
    private static string RouteOf(UsageRecord record) => record.Operation switch
    {
        Operation.PassThrough => "/v1/{path}",
        _ when record.Operation.NamesModelInPath() => $"/v1beta/models/{{model}}:{record.Operation.ToPath()}",
        _ => record.Path,
    };

    private int BeginSpan(in TraceContext trace, ulong id, ulong parent, string name, int kind, bool isParentRemote)
    {
        int span = _out.Begin(2);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, trace.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], trace.Low);
        _out.Bytes(1, bytes);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        _out.Bytes(2, bytes[..8]);
        if (trace.State is not null)
        {
            _out.Text(3, trace.State);
        }
        if (parent != 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, parent);
            _out.Bytes(4, bytes[..8]);
        }
        _out.Text(5, name);
        _out.Number(6, kind);
        _out.Fixed32(16, trace.Flags | KnowsWhetherRemote | (isParentRemote && parent != 0 ? IsRemote : 0));
        return span;
    }

    private void Times(UsageRecord record, long startUs, long durationUs)
    {
        ulong start = (ulong)((((record.StartedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) + startUs) * 1000);
        _out.Fixed64(7, start);
        _out.Fixed64(8, start + ((ulong)durationUs * 1000));
    }

    private void Status(bool failed)
    {
        if (failed)
        {
            int status = _out.Begin(15);
            _out.Number(3, Failed);
            _out.End(status);
        }
    }

    // What the client sent as omni_metadata for its own bookkeeping; an object, or it would not be in the record.
    private void Metadata(string? json)
    {
        if (json is null)
        {
            return;
        }
        using JsonDocument document = JsonDocument.Parse(json);
        foreach (JsonProperty property in document.RootElement.EnumerateObject().Take(MostMetadata))
        {
            string value = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText();
            Attribute(9, "gateway.metadata." + property.Name, value.Length <= MostMetadataChars ? value : value[..MostMetadataChars]);
        }
    }

    private void Attribute(int field, string key, string? value)
    {
        if (value is not null)
        {
            int pair = BeginAttribute(field, key, out int any);
            _out.Text(1, value);
            EndAttribute(pair, any);
        }
    }

    private void Attribute(int field, string key, long value)
    {
        int pair = BeginAttribute(field, key, out int any);
        _out.Number(3, value);
        EndAttribute(pair, any);
    }

    private void Attribute(int field, string key, bool value)
    {
        if (value)
        {
            int pair = BeginAttribute(field, key, out int any);
            _out.Number(2, 1);
            EndAttribute(pair, any);
        }
    }

    private int BeginAttribute(int field, string key, out int any)
    {
        int pair = _out.Begin(field);
        _out.Text(1, key);
        any = _out.Begin(2);
        return pair;
    }

    private void EndAttribute(int pair, int any)
    {
        _out.End(any);
        _out.End(pair);
    }
}
