using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>
/// Errors in Anthropic's envelope: <c>{"type":"error","error":{"type","message"},"request_id"}</c>; in a stream, the event
/// <c>error</c>. Source: Anthropic's page on errors.
/// </summary>
public static class AnthropicError
{
    // Readable quotes and accents: the answer is JSON by its content type, never part of a page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string TooLong = "prompt is too long";

    /// <summary>HTTP status for a client of this wire: the error's own, but for too much load, which is 529 here.</summary>
    public static int StatusOf(GatewayError error) => IsOverload(error) ? 529 : error.StatusCode;

    /// <summary>Anthropic's <c>error.type</c>.</summary>
    public static string TypeOf(GatewayError error) => StatusOf(error) switch
    {
        529 => "overloaded_error",
        _ when error.Kind is GatewayErrorKind.BudgetExhausted or GatewayErrorKind.UpstreamQuotaExhausted => "billing_error",
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        408 or 504 => "timeout_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    /// <param name="requestId">The call's, as in the header <c>request-id</c>.</param>
    public static void Write(IBufferWriter<byte> output, GatewayError error, string? requestId)
    {
        using var json = new Utf8JsonWriter(output, Readable);
        json.WriteStartObject();
        json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, TypeOf(error));
        json.WriteString("message"u8, MessageOf(error));
        if (error.Extra is { } extra && extra.Is(ErrorExtra.Details, JsonValueKind.Object))
        {
            json.WritePropertyName(extra.Name);
            extra.Value.WriteTo(json);
        }
        json.WriteEndObject();
        json.WriteString("request_id"u8, requestId);
        json.WriteEndObject();
        json.Flush();
    }

    /// <summary>As the last event of a stream that breaks off; <c>message_stop</c> does not follow.</summary>
    public static void WriteEvent(IBufferWriter<byte> output, GatewayError error, string? requestId)
    {
        output.Write("event: error\ndata: "u8);
        Write(output, error, requestId);
        output.Write("\n\n"u8);
    }

    // Claude Code shortens the conversation and goes on when it reads these words; Anthropic has no other sign.
    private static string MessageOf(GatewayError error) =>
        error.Code != GatewayError.ContextLengthExceeded || error.Message.Contains(TooLong, StringComparison.OrdinalIgnoreCase) ? error.Message
        : $"{TooLong}: {error.Message}";

    private static bool IsOverload(GatewayError error) => error.Kind == GatewayErrorKind.Overloaded || error.Code == GatewayError.UpstreamOverloaded;
}
