using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Core.Replay;

/// <summary>
/// A <see cref="ReplayFixture"/> as JSON: <c>{"name","request":{"method","path","headers":[[name,value]],"body"},"response":{"status",…}}</c>
/// where a body is <c>{"json":…}</c>, <c>{"text":…}</c>, <c>{"base64":…}</c> or absent.
/// </summary>
public static class ReplayFixtureJson
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(ReplayFixture fixture)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteString("name", fixture.Name);
            json.WriteStartObject("request");
            json.WriteString("method", fixture.Request.Method);
            json.WriteString("path", fixture.Request.Path);
            WriteHeaders(fixture.Request.Headers, json);
            WriteBody(fixture.Request.Body, json);
            json.WriteEndObject();
            json.WriteStartObject("response");
            json.WriteNumber("status", fixture.Response.Status);
            WriteHeaders(fixture.Response.Headers, json);
            WriteBody(fixture.Response.Body, json);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Reads a fixture and sanitizes it again, so that a file edited by hand is no way around it.</summary>
    /// <exception cref="JsonException">It is not JSON, or not a fixture; the message says what is missing.</exception>
    public static ReplayFixture Read(string json)
    {
        JsonElement root = JsonFields.Parse(Encoding.UTF8.GetBytes(json));
        if (!root.Has("request", out JsonElement request) || !root.Has("response", out JsonElement response))
        {
            throw new JsonException("A fixture needs 'request' and 'response'.");
        }
        return Sanitizer.Default.Record(
            root.Text("name") ?? "",
            new TransportRequest(
                request.Text("method") ?? throw new JsonException("A fixture's request needs a 'method'."),
                request.Text("path") ?? throw new JsonException("A fixture's request needs a 'path'."),
                ReadHeaders(request),
                ReadBody(request)),
            new TransportResponse(
                response.Whole32("status") ?? throw new JsonException("A fixture's response needs a 'status'."), ReadHeaders(response), ReadBody(response)));
    }

    private static void WriteHeaders(IReadOnlyList<KeyValuePair<string, string>> headers, Utf8JsonWriter json)
    {
        json.WriteStartArray("headers");
        foreach ((string name, string value) in headers)
        {
            json.WriteStartArray();
            json.WriteStringValue(name);
            json.WriteStringValue(value);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteBody(TransportBody body, Utf8JsonWriter json)
    {
        if (body == TransportBody.Empty)
        {
            return;
        }
        json.WriteStartObject("body");
        if (body.Text is not null)
        {
            json.WriteString("text", body.Text);
        }
        else if (body.Bytes is { } bytes)
        {
            json.WriteBase64String("base64", bytes.Span);
        }
        else
        {
            json.WritePropertyName("json");
            body.Json.WriteTo(json);
        }
        json.WriteEndObject();
    }

    private static List<KeyValuePair<string, string>> ReadHeaders(JsonElement holder) =>
        [.. holder.Items("headers")
            .Where(h => h.ValueKind == JsonValueKind.Array && h.GetArrayLength() == 2 && h.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String))
            .Select(h => KeyValuePair.Create(h[0].GetString()!, h[1].GetString()!))];

    private static TransportBody ReadBody(JsonElement holder) =>
        !holder.Has("body", out JsonElement body) ? TransportBody.Empty
        : body.Text("text") is { } text ? TransportBody.OfText(text)
        : body.Text("base64") is { } base64 ? TransportBody.OfBytes(Bytes(base64))
        : body.ValueKind == JsonValueKind.Object && body.TryGetProperty("json", out JsonElement json) ? TransportBody.OfJson(json)
        : throw new JsonException("A fixture's body needs 'json', 'text' or 'base64'.");

    private static byte[] Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int length) ? bytes[..length] : throw new JsonException("A fixture's 'base64' is not base64.");
    }
}
