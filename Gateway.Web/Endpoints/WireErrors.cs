using System.Buffers;
using System.Globalization;
using Gateway.Core;
using Gateway.Core.Relay;

namespace Gateway.Web.Endpoints;

/// <summary>Writes errors in the envelope of the client's wire.</summary>
internal static class WireErrors
{
    public static int StatusOf(ErrorWire wire, GatewayError error) => wire == ErrorWire.Anthropic ? AnthropicError.StatusOf(error) : error.StatusCode;

    public static void Write(IBufferWriter<byte> output, ErrorWire wire, GatewayError error, string requestId)
    {
        switch (wire)
        {
            case ErrorWire.Anthropic:
                AnthropicError.Write(output, error, requestId);
                break;
            case ErrorWire.Gemini:
                GeminiError.Write(output, error);
                break;
            default:
                OpenAIError.Write(output, error);
                break;
        }
    }

    /// <summary>Inside a stream that has begun.</summary>
    /// <param name="asArray">The stream is one JSON array (Gemini without <c>alt=sse</c>).</param>
    public static void WriteEvent(IBufferWriter<byte> output, ErrorWire wire, GatewayError error, string requestId, bool asArray, in BrokenStream stream)
    {
        switch (wire)
        {
            case ErrorWire.Anthropic:
                AnthropicError.WriteEvent(output, error, requestId);
                break;
            case ErrorWire.Responses:
                ResponsesError.WriteEvents(output, error, stream);
                break;
            default:
                output.Write(asArray ? ",\r\n"u8 : "data: "u8);
                Write(output, wire, error, requestId);
                output.Write(asArray ? "]"u8 : wire == ErrorWire.Gemini ? "\r\n\r\n"u8 : "\n\n"u8);
                break;
        }
    }

    /// <summary>Names the call in the answer's head. Anthropic's SDKs look for the id under another name.</summary>
    public static void SetRequestId(IHeaderDictionary headers, ErrorWire wire, string requestId)
    {
        headers["x-request-id"] = requestId;
        if (wire == ErrorWire.Anthropic)
        {
            headers["request-id"] = requestId;
        }
    }

    /// <summary>When it is worth trying again, where that is known.</summary>
    public static void SetRetryAfter(IHeaderDictionary headers, GatewayError error)
    {
        if (error.RetryAfter is { } wait)
        {
            // Whole seconds, rounded up: a client that waits that long is let in.
            headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            headers["retry-after-ms"] = Math.Max(1, (long)Math.Ceiling(wait.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Answers a request that never reaches the pipeline.</summary>
    public static async Task WriteAsync(HttpContext context, ErrorWire wire, GatewayError error)
    {
        TimeProvider time = context.RequestServices.GetRequiredService<TimeProvider>();
        string requestId = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow());
        var body = new ArrayBufferWriter<byte>(512);
        Write(body, wire, error, requestId);
        HttpResponse response = context.Response;
        response.StatusCode = StatusOf(wire, error);
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        SetRequestId(response.Headers, wire, requestId);
        SetRetryAfter(response.Headers, error);
        await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
