using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Web.Calls.Summaries;

namespace Gateway.Web.Endpoints;

/// <summary>
/// Chat completions for clients that send <c>x-gateway-events: summary</c>: server-sent events in a strict order instead of
/// OpenAI's chunks. See docs/ordered-summaries.md. Nobody else's request comes here.
/// </summary>
internal sealed class SummaryEndpoint(OrderedSummary summary, GatewayCatalog catalog, Func<GatewayOptions> options, TimeProvider time)
{
    public const string Header = "x-gateway-events";
    public const string Value = "summary";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool IsFor(HttpRequest request) => request.Headers.TryGetValue(Header, out var asked) && asked.ToString().Equals(Value, StringComparison.OrdinalIgnoreCase);

    /// <returns>False: the caller is unknown, and is to be refused like any other.</returns>
    public async Task<bool> TryInvokeAsync(HttpContext context)
    {
        if (Authenticator.Find(catalog.Current, options(), PresentedKeys.Find(context.Request), context.Connection.RemoteIpAddress, time.GetUtcNow()) is not { } key)
        {
            return false;
        }
        using var exchange = new HttpExchange(context)
        {
            Operation = Operation.ChatCompletions,
            Method = "POST",
            Path = context.Request.Path,
            RequestId = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow()),
        };
        BodyResult body = await exchange.ReadBodyAsync(options().MaxRequestBodyBytes);
        (SummaryRequest? request, GatewayError? error) = body.Error is null ? SummaryRequest.Read(body.Body) : (null, body.Error);
        if (request is null)
        {
            await WireErrors.WriteAsync(context, ErrorWire.OpenAI, error!);
            return true;
        }
        try
        {
            await foreach (SummaryEvent next in summary.RunAsync(key, request, exchange.RequestId, TraceOf(context.Request), context.RequestAborted))
            {
                if (next.Refusal is { } refusal)
                {
                    await exchange.WriteErrorAsync(refusal, next.Limits);
                    break;
                }
                await WriteAsync(context, next, exchange.RequestId);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; everything that matters is in the books.
        }
        return true;
    }

    // The calls that make one answer are one trace, also where it begins here.
    private TraceContext TraceOf(HttpRequest request) =>
        TraceContext.Of(RequestHeaders.TraceOf(request), Guid.CreateVersion7(time.GetUtcNow()), options().TraceSampling);

    private static async Task WriteAsync(HttpContext context, SummaryEvent next, string id)
    {
        HttpResponse response = context.Response;
        if (!response.HasStarted)
        {
            WireErrors.SetRequestId(response.Headers, ErrorWire.OpenAI, id);
            RateLimitHeaders.Add(response.Headers, next.Limits);
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-cache";
            response.Headers["x-accel-buffering"] = "no";
        }
        Write(response.BodyWriter, next, id);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void Write(IBufferWriter<byte> output, SummaryEvent next, string id)
    {
        output.Write("event: "u8);
        output.Write(System.Text.Encoding.UTF8.GetBytes(next.Name));
        output.Write("\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, Plain))
        {
            writer.WriteStartObject();
            writer.WriteString("text", next.Text);
            writer.WriteString("request_id", id);
            if (next.Partial is not null)
            {
                writer.WriteString("partial", next.Partial);
            }
            writer.WriteEndObject();
        }
        output.Write("\n\n"u8);
    }
}
