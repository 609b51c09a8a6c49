using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Gateway.Web.Telemetry.Otlp;

/// <summary>What a collector said to a request.</summary>
/// <param name="Problem">Why it did not take it, for the log; null when it did.</param>
/// <param name="MayRetry">The same request may be taken later.</param>
internal readonly record struct OtlpAnswer(string? Problem, bool MayRetry)
{
    public bool Taken => Problem is null;
}

/// <summary>Sends requests to a collector, by gRPC or plain HTTP. A redirect is not followed, so that nothing goes where no operator sent it.</summary>
internal sealed class OtlpClient(OtlpSettings settings, TimeProvider time) : IDisposable
{
    private const int GrpcPrefixBytes = 5;

    // By gRPC's own numbers: cancelled, deadline exceeded, resource exhausted, aborted, out of range, unavailable, data loss.
    private static readonly int[] PassingGrpcErrors = [1, 4, 8, 10, 11, 14, 15];

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = settings.Timeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    /// <summary>Sends one request; fails only by being cancelled.</summary>
    public async Task<OtlpAnswer> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            using HttpRequestMessage request = RequestOf(message);
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token);
            // To its end: gRPC's verdict stands behind the body, and the connection can be used again.
            await response.Content.CopyToAsync(Stream.Null, either.Token);
            return settings.Grpc && response.IsSuccessStatusCode ? JudgeGrpc(response) : Judge(response.StatusCode);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new OtlpAnswer("it did not answer in time", MayRetry: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new OtlpAnswer(e.Message, MayRetry: true);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage RequestOf(ReadOnlyMemory<byte> message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, settings.Url);
        foreach ((string name, string value) in settings.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        if (!settings.Grpc)
        {
            request.Content = new ReadOnlyMemoryContent(message) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-protobuf") } };
            return request;
        }
        (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        // Uncompressed, and its length.
        byte[] framed = new byte[GrpcPrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed.AsMemory(GrpcPrefixBytes));
        request.Content = new ByteArrayContent(framed) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
        return request;
    }

    private static OtlpAnswer Judge(HttpStatusCode status) => (int)status is >= 200 and < 300
        ? default
        : new OtlpAnswer($"it answered with status {(int)status}", (int)status is 429 or 502 or 503 or 504);

    private static OtlpAnswer JudgeGrpc(HttpResponseMessage response)
    {
        // An answer without a body has it in the head.
        string? text = ValueOf(response.TrailingHeaders) ?? ValueOf(response.Headers);
        return !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            ? new OtlpAnswer("its answer is not gRPC", MayRetry: false)
            : status == 0 ? default
            : new OtlpAnswer($"it answered with gRPC status {status}", PassingGrpcErrors.Contains(status));
    }

    private static string? ValueOf(HttpResponseHeaders headers) => headers.TryGetValues("grpc-status", out IEnumerable<string>? values) ? values.First() : null;
}
