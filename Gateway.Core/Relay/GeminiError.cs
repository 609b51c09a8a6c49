using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>
/// Errors in Google's envelope: <c>{"error":{"code","message","status","details"}}</c>; the wait is a
/// <c>google.rpc.RetryInfo</c> among the details. Source: google/rpc/code.proto and error_details.proto.
/// </summary>
public static class GeminiError
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> output, GatewayError error)
    {
        using var json = new Utf8JsonWriter(output, Readable);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, error.StatusCode);
        json.WriteString("message"u8, error.Message);
        json.WriteString("status"u8, StatusName(error.StatusCode));
        json.WriteStartArray("details"u8);
        json.WriteStartObject();
        json.WriteString("@type"u8, "type.googleapis.com/google.rpc.ErrorInfo"u8);
        json.WriteString("reason"u8, (error.CodeName ?? error.KindName).ToUpperInvariant());
        json.WriteString("domain"u8, "gateway"u8);
        json.WriteEndObject();
        if (error.Extra is { } extra && extra.Is(ErrorExtra.Details, JsonValueKind.Array))
        {
            foreach (JsonElement detail in extra.Value.EnumerateArray())
            {
                detail.WriteTo(json);
            }
        }
        if (error.RetryAfter is { } wait)
        {
            json.WriteStartObject();
            json.WriteString("@type"u8, "type.googleapis.com/google.rpc.RetryInfo"u8);
            json.WriteString("retryDelay"u8, string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds))}s"));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    private static string StatusName(int status) => status switch
    {
        400 or 413 or 415 or 422 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        405 => "UNIMPLEMENTED",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        503 => "UNAVAILABLE",
        504 or 408 => "DEADLINE_EXCEEDED",
        >= 500 => "INTERNAL",
        _ => "FAILED_PRECONDITION",
    };
}
