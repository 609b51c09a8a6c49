using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Core.Failover;

/// <summary>
/// The parts of an upstream's error body that are worth passing on, whichever of the many shapes it has:
/// <c>{"error":{…}}</c>, <c>{"error":"…"}</c>, <c>{"message":…}</c>, <c>{"detail":…}</c>, <c>{"object":"error",…}</c>,
/// a list of one of them, or no JSON at all.
/// </summary>
internal readonly record struct ErrorText
{
    public string? Message { get; private init; }
    public string? Type { get; private init; }
    public string? Param { get; private init; }

    /// <summary>A word; codes that are numbers are in <see cref="NumericCode"/> instead.</summary>
    public string? Code { get; private init; }

    /// <summary>An HTTP status, said in the body.</summary>
    public int? NumericCode { get; private init; }

    /// <summary>Google's <c>ErrorInfo.reason</c>, for example <c>API_KEY_INVALID</c>.</summary>
    public string? Reason { get; private init; }

    /// <summary>
    /// It is about what was asked, whatever the status: OpenRouter's <c>metadata.reasons</c> of an input that was flagged, or a name that
    /// stands for moderation.
    /// </summary>
    public bool IsAboutInput { get; private init; }

    /// <summary>A page, as firewalls send it, and no API does.</summary>
    public bool IsPage { get; private init; }

    /// <summary>Google's <c>RetryInfo.retryDelay</c>.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>What else the upstream says, in a field of its own wire's.</summary>
    public ErrorExtra? Extra { get; private init; }

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
            // Responses' last event of a failed stream holds the error within the answer.
            if (root.Has("response", out JsonElement response) && response.Has("error", out _))
            {
                root = response;
            }
            return root.Has("error", out JsonElement error) && error.ValueKind is JsonValueKind.Object or JsonValueKind.String ? Of(error) : Of(root);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // HTML from some proxy, or text that is no Unicode: nothing in it helps a client.
            return new ErrorText { IsPage = IsHtml(body.TrimStart(" \r\n\t"u8)) };
        }
    }

    private static bool IsHtml(ReadOnlySpan<byte> body) => BeginsWith(body, "<!doctype html"u8) || BeginsWith(body, "<html"u8);

    private static bool BeginsWith(ReadOnlySpan<byte> body, ReadOnlySpan<byte> text) => body.Length >= text.Length && Ascii.EqualsIgnoreCase(body[..text.Length], text);

    private static ErrorText Of(JsonElement error)
    {
        if (error.ValueKind == JsonValueKind.String)
        {
            return new ErrorText { Message = error.GetString() };
        }
        if (error.ValueKind != JsonValueKind.Object)
        {
            return default;
        }
        string? code = Scalar(error, "code");
        bool numeric = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        string? status = Scalar(error, "status");
        // Google's word for what its number says; others repeat the number there.
        bool word = status is { Length: > 0 } && char.IsAsciiLetterUpper(status[0]);
        JsonElement detail = ErrorDetails.First(error);
        return new ErrorText
        {
            Message = WithRaw(error, error.Text("message") ?? error.Text("Message") ?? error.Text("detail") ?? error.Text("msg") ?? ErrorDetails.MessageOf(detail)),
            // AWS names its exceptions: in a header, as "__type" in older answers, as "type" in the frames of a stream.
            Type = Scalar(error, "type") ?? error.Text("__type"),
            Param = Scalar(error, "param") ?? ErrorDetails.FieldOf(detail),
            Code = !numeric ? code : word ? status!.ToLowerInvariant() : null,
            NumericCode = numeric ? number : int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out number) ? number : null,
            IsAboutInput = ErrorNames.IsModeration(code) || ErrorNames.IsModeration(Scalar(error, "type"))
                || (error.Has("metadata", out JsonElement metadata) && metadata.Items("reasons").Any()),
            Reason = ErrorDetails.Google(error, "google.rpc.ErrorInfo").Text("reason"),
            RetryAfter = ErrorDetails.Google(error, "google.rpc.RetryInfo").Text("retryDelay") is { } delay ? RetryHints.Duration(delay) : null,
            Extra = ErrorDetails.ExtraOf(error),
        };
    }

    // OpenRouter says "Provider returned error" and what that provider said beside it.
    private static string? WithRaw(JsonElement error, string? message) =>
        error.Has("metadata", out JsonElement metadata) && metadata.Text("raw") is { Length: > 0 } raw ? $"{message}: {raw}" : message;

    private static string? Scalar(JsonElement error, string name) => !error.Has(name, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? value.GetRawText()
        : null;
}
