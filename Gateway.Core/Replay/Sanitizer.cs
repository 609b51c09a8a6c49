using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Core.Generation;

namespace Gateway.Core.Replay;

/// <summary>
/// Takes the secrets out of recorded exchanges: headers that authenticate, tokens in a query (<c>ak</c> becomes
/// <c>&lt;redacted:ak&gt;</c>), JSON fields such as <c>api_key</c>, <c>token</c> and <c>secret</c>, keys in the middle of text
/// by their form, and what is too large to keep in base64. Safe for concurrent use.
/// </summary>
public sealed partial class Sanitizer
{
    // Both alphabets, and padding.
    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=");
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Base64 of more characters is cut out; the default is 1,024.</summary>
    public int MaxBase64Characters { get; init; } = 1024;

    public static Sanitizer Default { get; } = new();

    /// <summary>A fixture of the sanitized exchange.</summary>
    /// <param name="name">What it shows, for people.</param>
    public ReplayFixture Record(string name, TransportRequest request, TransportResponse response) => new(name, Sanitize(request), Sanitize(response));

    public TransportRequest Sanitize(TransportRequest request) =>
        request with { Path = SanitizeAddress(request.Path), Headers = SanitizeHeaders(request.Headers), Body = Sanitize(request.Body) };

    public TransportResponse Sanitize(TransportResponse response) =>
        response with { Headers = SanitizeHeaders(response.Headers), Body = Sanitize(response.Body) };

    /// <summary>Headers to be shown: a secret one has <paramref name="mark"/> for its value, and what is known to be secret by its form is taken out of the others.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> MaskHeaders(IReadOnlyList<KeyValuePair<string, string>> headers, string mark) =>
        [.. headers.Select(h => KeyValuePair.Create(h.Key, IsSecretHeader(h.Key) ? mark : h.Value.Contains("://", StringComparison.Ordinal) ? SanitizeAddress(h.Value) : SanitizeValue(h.Value)))];

    // Idempotency-Key is no secret, and what people look for.
    private static bool IsSecretHeader(string name) => SecretNames.IsSecretInQuery(name) && !name.Equals("idempotency-key", StringComparison.OrdinalIgnoreCase);

    /// <summary>A JSON value without its secrets, of the same shape.</summary>
    public JsonElement Sanitize(JsonElement json) => JsonFields.Parse(ToUtf8(json));

    /// <summary>An address, or a path with a query.</summary>
    public static string SanitizeAddress(string address)
    {
        int question = address.IndexOf('?', StringComparison.Ordinal);
        string path = SecretText.Redact(WithoutUser(question < 0 ? address : address[..question]));
        return question < 0 ? path : path + "?" + string.Join('&', address[(question + 1)..].Split('&').Select(SanitizeParameter));
    }

    /// <summary>A body: JSON as one, however its lines are broken, and anything else as text.</summary>
    /// <param name="isCut">It breaks off: JSON is closed where it does, of a stream the last event is left out.</param>
    public string SanitizeBody(ReadOnlySpan<byte> body, bool isCut = false)
    {
        if (body.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] && JsonFields.TryParse(Encoding.UTF8.GetString(isCut ? CutJson.Close(body) : body)) is { ValueKind: not JsonValueKind.Undefined } json)
        {
            return Encoding.UTF8.GetString(ToUtf8(json));
        }
        int lines = isCut ? body.LastIndexOf((byte)'\n') + 1 : 0;
        return SanitizeText(Encoding.UTF8.GetString(lines > 0 ? body[..lines] : body));
    }

    /// <summary>Text of any kind; in lines of JSON and in server-sent events each JSON value is sanitized as one.</summary>
    public string SanitizeText(string text)
    {
        var output = new StringBuilder(text.Length);
        int start = 0;
        while (start < text.Length)
        {
            int length = text.AsSpan(start).IndexOfAny('\r', '\n');
            int end = length < 0 ? text.Length : start + length;
            output.Append(SanitizeLine(text[start..end]));
            if (end < text.Length)
            {
                output.Append(text[end]);
            }
            start = end + 1;
        }
        return output.ToString();
    }

    private string SanitizeLine(string line)
    {
        int brace = line.StartsWith("data:", StringComparison.Ordinal) ? line.AsSpan().IndexOfAny('{', '[') : line.StartsWith('{') || line.StartsWith('[') ? 0 : -1;
        JsonElement json = brace < 0 ? default : JsonFields.TryParse(line[brace..]);
        return json.ValueKind is JsonValueKind.Object or JsonValueKind.Array
            ? line[..brace] + Encoding.UTF8.GetString(ToUtf8(json))
            : SanitizeValue(line);
    }

    private TransportBody Sanitize(TransportBody body) =>
        body.Text is { } text ? TransportBody.OfText(SanitizeText(text))
        : body.Bytes is { } bytes ? Base64Length(bytes.Length) > MaxBase64Characters ? TransportBody.OfText(CutOut(Base64Length(bytes.Length))) : body
        : body.Json.ValueKind != JsonValueKind.Undefined ? TransportBody.OfJson(Sanitize(body.Json))
        : body;

    private List<KeyValuePair<string, string>> SanitizeHeaders(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        [.. headers.Select(h => KeyValuePair.Create(h.Key, SecretNames.IsSecret(h.Key) ? Mark(h.Key) : SanitizeValue(h.Value)))];

    private static string SanitizeParameter(string parameter)
    {
        int equals = parameter.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? parameter : parameter[..equals];
        return equals < 0 || !SecretNames.IsSecretInQuery(Uri.UnescapeDataString(name)) ? SecretText.Redact(parameter) : $"{name}={Mark(name)}";
    }

    // https://user:password@host/
    private static string WithoutUser(string address)
    {
        int scheme = address.IndexOf("://", StringComparison.Ordinal);
        int host = scheme < 0 ? 0 : scheme + 3;
        int slash = address.IndexOf('/', host);
        int at = address.LastIndexOf('@', slash < 0 ? address.Length - 1 : slash);
        return scheme < 0 || at < host ? address : address[..host] + Mark("user") + address[at..];
    }

    private byte[] ToUtf8(JsonElement json)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, Plain))
        {
            Write(json, writer);
        }
        return output.WrittenSpan.ToArray();
    }

    private void Write(JsonElement json, Utf8JsonWriter writer)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                // The token of a list of probabilities is a piece of text.
                bool probability = json.TryGetProperty("logprob", out _) || json.TryGetProperty("logProbability", out _);
                foreach (JsonProperty property in json.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    WriteMember(property, probability && property.NameEquals("token"), writer);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in json.EnumerateArray())
                {
                    Write(item, writer);
                }
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(SanitizeValue(json.GetString()!));
                break;
            default:
                json.WriteTo(writer);
                break;
        }
    }

    // Numbers and flags under such a name are counts and settings.
    private void WriteMember(JsonProperty property, bool harmless, Utf8JsonWriter writer)
    {
        bool holds = property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array;
        if (holds && !harmless && SecretNames.IsSecret(property.Name))
        {
            writer.WriteStringValue(Mark(property.Name));
        }
        else
        {
            Write(property.Value, writer);
        }
    }

    private string SanitizeValue(string value)
    {
        const string Marker = ";base64,";
        int data = value.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? value.IndexOf(Marker, StringComparison.OrdinalIgnoreCase) : -1;
        int start = data < 0 ? 0 : data + Marker.Length;
        return value.Length - start > MaxBase64Characters && value.AsSpan(start).IndexOfAnyExcept(Base64) < 0
            ? value[..start] + CutOut(value.Length - start)
            : SecretText.Redact(value.Contains("://", StringComparison.Ordinal) ? Addresses().Replace(value, a => SanitizeAddress(a.Value)) : value);
    }

    // Pictures and files are asked for by addresses that hold their own permission.
    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]*://(?:[^\s""'<>\\]|<redacted:[^>\s]{1,40}>)+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Addresses();

    private static string Mark(string name) => $"<redacted:{name.ToLowerInvariant()}>";

    private static string CutOut(int characters) => string.Create(CultureInfo.InvariantCulture, $"<redacted:base64 of {characters} characters>");

    private static int Base64Length(int bytes) => (bytes + 2) / 3 * 4;
}
