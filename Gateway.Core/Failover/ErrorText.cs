using System.Globalization;
using System.Text.Json;

namespace Gateway.Core.Failover;

/// <summary>
/// The parts of an upstream's error body that are worth passing on, whichever of the many shapes it has:
/// <c>{"error":{…}}</c>, <c>{"error":"…"}</c>, <c>{"message":…}</c>, <c>{"detail":…}</c>, <c>{"object":"error",…}</c>,
/// a list of one of them, or no JSON at all.
/// </summary>
internal readonly record struct ErrorText(string? Message, string? Type, string? Param, string? Code, int? NumericCode)
{
    public static ErrorText Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
            {
                root = root[0];
            }
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("error", out JsonElement error)
                && error.ValueKind is JsonValueKind.Object or JsonValueKind.String ? Of(error) : Of(root);
        }
        catch (JsonException)
        {
            // HTML from some proxy: nothing in it helps a client.
            return default;
        }
    }

    private static ErrorText Of(JsonElement error)
    {
        if (error.ValueKind == JsonValueKind.String)
        {
            return new ErrorText(error.GetString(), null, null, null, null);
        }
        if (error.ValueKind != JsonValueKind.Object)
        {
            return default;
        }
        string? code = Text(error, "code");
        return new ErrorText(
            Text(error, "message") ?? Text(error, "detail"),
            Text(error, "type"),
            Text(error, "param"),
            code,
            int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null);
    }

    private static string? Text(JsonElement error, string name) =>
        !error.TryGetProperty(name, out JsonElement value) ? null
        : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Null => null,
            _ => value.GetRawText(),
        };
}
