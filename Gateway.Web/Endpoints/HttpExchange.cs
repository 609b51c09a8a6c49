using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Relay;
using Gateway.Core.Relay.Uploads;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Web.Endpoints;

/// <summary>An HTTP request as the pipeline sees it.</summary>
internal sealed class HttpExchange(HttpContext context) : GatewayExchange, IDisposable
{
    private byte[]? _body;
    private (GatewayError Error, ReadOnlyMemory<byte> Body)? _composed;
    private UploadSpool? _upload;
    private BodyRoom? _room;
    private long _held;
    private long _heldOfAnswer;
    private BodyDeadline? _deadline;

    public override CancellationToken Aborted { get; } = context.RequestAborted;

    public override PresentedKey? PresentedKey { get; } = PresentedKeys.Find(context.Request);

    public override IPAddress? ClientAddress => context.Connection.RemoteIpAddress;

    public override string? ProviderPriority => context.Request.Headers["X-Provider-Priority"] is { Count: > 0 } values ? values.ToString() : null;

    public override string? IdempotencyKey => context.Request.Headers[Core.Failover.IdempotencyKey.Header] is { Count: > 0 } values ? values.ToString() : null;

    public override IReadOnlyList<KeyValuePair<string, string>> ClientHeaders => ListOf(context.Request.Headers);

    public override IReadOnlyList<KeyValuePair<string, string>> AnswerHeaders => ListOf(context.Response.Headers);

    /// <summary>Whose envelope errors go into, where the operation does not say it.</summary>
    public ErrorWire? Errors { get; init; }

    private ErrorWire Wire => Errors ?? ErrorWires.Of(Operation);

    protected override PipeWriter Client => context.Response.BodyWriter;

    public override async ValueTask<BodyResult> ReadBodyAsync(long maxBytes)
    {
        if (!RequestHeaders.IsJson(context.Request.ContentType) || !Operation.TakesJson())
        {
            return Refuse(GatewayErrorKind.UnsupportedMediaType, Operation.TakesMultipart() && !Operation.TakesJson()
                ? "The content type must be multipart/form-data."
                : "The content type must be application/json.");
        }
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            return Refuse(GatewayErrorKind.UnsupportedMediaType, "Compressed request bodies are not accepted.");
        }
        // The limit is ours to explain, in the client's own wire.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }
        if (context.Request.ContentLength > maxBytes)
        {
            return TooLarge(maxBytes);
        }
        PipeReader reader = context.Request.BodyReader;
        int length = 0;
        // What a client says it will send takes no memory before a good part of it is there.
        _body = BodyArrays.Rent((int)Math.Min(context.Request.ContentLength ?? 4096, BodyRoom.FreeBytes));
        while (true)
        {
            ReadResult read;
            try
            {
                read = await BodyDeadline.ReadAsync(context, ref _deadline, Aborted);
            }
            catch (Exception e) when (e is BadHttpRequestException || UploadReader.IsChunkTooLong(e))
            {
                return Refuse(GatewayErrorKind.InvalidRequest, "The request body could not be read: " + e.Message);
            }
            catch (IOException)
            {
                // Else Kestrel may try to read the rest, and log each such client as an error.
                context.Abort();
                return Refuse(GatewayErrorKind.ClientClosed, "The client closed the request.");
            }
            ReadOnlySequence<byte> piece = read.Buffer;
            if (read.IsCanceled)
            {
                reader.AdvanceTo(piece.End);
                return new BodyResult(default, BodyDeadline.Missed(context));
            }
            if (length + piece.Length > maxBytes)
            {
                reader.AdvanceTo(piece.End);
                return TooLarge(maxBytes);
            }
            if (!TryGrow(length, (int)piece.Length, maxBytes))
            {
                reader.AdvanceTo(piece.End);
                return new BodyResult(default, new GatewayError(
                    GatewayErrorKind.Overloaded,
                    "The gateway holds as many large requests as it has room for (Gateway:Limits:MaxBufferedBytes).",
                    RetryAfter: TimeSpan.FromSeconds(5)));
            }
            piece.CopyTo(_body.AsSpan(length));
            length += (int)piece.Length;
            reader.AdvanceTo(piece.End);
            if (read.IsCompleted)
            {
                _deadline?.Dispose();
                return new BodyResult(_body.AsMemory(0, length), null);
            }
        }
    }

    public override bool SendsForm => context.Request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;

    public override ValueTask<BodyResult> ReadFormAsync(long maxBytes)
    {
        _upload = new UploadSpool(context.RequestServices.GetRequiredService<UploadSpace>());
        return UploadReader.ReadAsync(context, _upload, maxBytes);
    }

    public override bool TryHold(long bytes) => bytes <= BodyRoom.FreeBytes
        || (_room ??= context.RequestServices.GetRequiredService<BodyRoom>()).TryHold(bytes, ref _heldOfAnswer);

    public override void Start(in ResponseHead head)
    {
        HttpResponse response = context.Response;
        response.StatusCode = head.Status;
        response.ContentType = head.ContentType;
        response.ContentLength = head.ContentLength;
        IHeaderDictionary headers = response.Headers;
        WireErrors.SetRequestId(headers, Wire, RequestId);
        if (head.Streamed)
        {
            headers.CacheControl = "no-cache";
            headers["x-accel-buffering"] = "no";
        }
        RateLimitHeaders.Add(headers, head.Limits);
        if (head.Estimated)
        {
            headers["x-gateway-estimated"] = "true";
        }
        if (head.GatewayHeaders)
        {
            GatewayHeaders.Add(headers, head.Record, head.Streamed, head.Lossy);
        }
        if (head.Upstream is not null)
        {
            UpstreamHeaders.Add(headers, head.Upstream.Headers);
        }
    }

    private static KeyValuePair<string, string>[] ListOf(IHeaderDictionary headers) =>
        [.. headers.SelectMany(h => h.Value.Select(v => KeyValuePair.Create(h.Key.ToLowerInvariant(), v ?? ""))).OrderBy(h => h.Key, StringComparer.Ordinal)];

    public override int SizeOf(GatewayError error) => Compose(error).Length;

    public override ValueTask WriteErrorAsync(GatewayError error, LimitDecision limits)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return ValueTask.CompletedTask;
        }
        return WriteAsync(error, limits);
    }

    private async ValueTask WriteAsync(GatewayError error, LimitDecision limits)
    {
        HttpResponse response = context.Response;
        ErrorWire wire = Wire;
        response.StatusCode = WireErrors.StatusOf(wire, error);
        response.ContentType = "application/json";
        WireErrors.SetRequestId(response.Headers, wire, RequestId);
        RateLimitHeaders.Add(response.Headers, limits);
        if (error.Upstream is { } upstream)
        {
            UpstreamHeaders.Add(response.Headers, upstream);
        }
        WireErrors.SetRetryAfter(response.Headers, error);
        if (error.Kind is GatewayErrorKind.BudgetExhausted or GatewayErrorKind.UpstreamQuotaExhausted)
        {
            // No waiting cures it; the official SDKs retry a 429 unless told.
            response.Headers["x-should-retry"] = "false";
        }
        ReadOnlyMemory<byte> body = Compose(error);
        response.ContentLength = body.Length;
        await Output.WriteAsync(body, Aborted);
    }

    private ReadOnlyMemory<byte> Compose(GatewayError error)
    {
        if (_composed is { } composed && ReferenceEquals(composed.Error, error))
        {
            return composed.Body;
        }
        var body = new ArrayBufferWriter<byte>(512);
        WireErrors.Write(body, Wire, error, RequestId);
        _composed = (error, body.WrittenMemory);
        return body.WrittenMemory;
    }

    /// <returns>False when the requests of all clients together have used up their memory.</returns>
    private bool TryGrow(int used, int more, long maxBytes)
    {
        if (_body!.Length - used >= more)
        {
            return true;
        }
        // By what has arrived, not by what a client says will.
        int size = (int)Math.Max(used + more, Math.Min(_body.Length * 2L, Math.Min(context.Request.ContentLength ?? maxBytes, maxBytes)));
        if (size > BodyRoom.FreeBytes && !(_room ??= context.RequestServices.GetRequiredService<BodyRoom>()).TryHold(size, ref _held))
        {
            return false;
        }
        byte[] larger = BodyArrays.Rent(size);
        _body.AsSpan(0, used).CopyTo(larger);
        BodyArrays.Return(_body);
        _body = larger;
        return true;
    }

    private static BodyResult TooLarge(long maxBytes) => Refuse(
        GatewayErrorKind.RequestTooLarge,
        string.Create(CultureInfo.InvariantCulture, $"The request body is larger than {maxBytes} bytes, the most this gateway accepts."));

    private static BodyResult Refuse(GatewayErrorKind kind, string message) => new(default, new GatewayError(kind, message));

    public override void WriteErrorEvent(GatewayError error, in BrokenStream stream) =>
        WireErrors.WriteEvent(Output, Wire, error, RequestId, WantsArray, stream);

    public override void Abort() => context.Abort();

    public void Dispose()
    {
        _deadline?.Dispose();
        _upload?.Dispose();
        _room?.GiveBack(_held + _heldOfAnswer);
        (_held, _heldOfAnswer) = (0, 0);
        if (_body is not null)
        {
            BodyArrays.Return(_body);
            _body = null;
        }
    }
}
