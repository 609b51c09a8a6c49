using System.Text;
using System.Text.Json;
using Xunit;

namespace Gateway.Tests.Corpus;

/// <summary>One recorded HTTP exchange with a real provider. The recordings are not part of the repository.</summary>
internal sealed class RecordedExchange
{
    private RecordedExchange(JsonElement item)
    {
        Id = item.GetProperty("id").GetString()!;
        Provider = item.GetProperty("provider").GetString()!;
        Wire = item.GetProperty("wire").GetString()!;
        Host = item.GetProperty("host").GetString() ?? "";
        Path = item.GetProperty("url_path").GetString() ?? "";
        Model = Text(item, "model");
        Stream = item.GetProperty("stream").GetBoolean();
        Status = item.GetProperty("status").GetInt32();
        Tags = [.. item.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!)];
        Request = item.GetProperty("request_body").ValueKind == JsonValueKind.Object ? item.GetProperty("request_body").GetRawText() : null;
        JsonElement sent = item.GetProperty("request_body");
        RequestBytes = sent.ValueKind == JsonValueKind.String
            ? Text(item, "request_body_encoding") == "base64" ? sent.GetBytesFromBase64() : Encoding.UTF8.GetBytes(sent.GetString()!)
            : Request is null ? null : Encoding.UTF8.GetBytes(Request);
        RequestContentType = item.TryGetProperty("request_headers", out JsonElement requestHeaders) && requestHeaders.ValueKind == JsonValueKind.Object
            ? Text(requestHeaders, "content-type") : null;
        Headers = item.GetProperty("response_headers").EnumerateObject().ToDictionary(
            h => h.Name, h => h.Value.ValueKind == JsonValueKind.String ? h.Value.GetString()! : h.Value.GetRawText(), StringComparer.OrdinalIgnoreCase);
        string body = Text(item, "response_body") ?? "";
        Response = Text(item, "response_body_encoding") == "base64" ? Convert.FromBase64String(body) : Encoding.UTF8.GetBytes(body);
    }

    public string Id { get; }
    public string Wire { get; }
    public string Provider { get; }
    public string Host { get; }
    public string Path { get; }
    public string? Model { get; }
    public bool Stream { get; }
    public int Status { get; }
    public IReadOnlyList<string> Tags { get; }

    /// <summary>The request as JSON; null when it was none.</summary>
    public string? Request { get; }

    /// <summary>The request as it was sent, forms too; null when it was not recorded.</summary>
    public byte[]? RequestBytes { get; }
    public string? RequestContentType { get; }
    public IReadOnlyDictionary<string, string> Headers { get; }
    public byte[] Response { get; }

    /// <summary>All exchanges of a wire, such as <c>openai.chat</c>; skips the test where there is no corpus.</summary>
    public static IReadOnlyList<RecordedExchange> Read(string wire)
    {
        string file = System.IO.Path.Combine(Directory, wire + ".jsonl");
        Assert.SkipUnless(File.Exists(file), $"There are no recordings at {file}; set GATEWAY_CORPUS to their directory.");
        // Some answers of stored prompts are of this shape; their requests are not of this API.
        return [.. File.ReadLines(file).Select(line => new RecordedExchange(JsonDocument.Parse(line).RootElement)).Where(e => !e.Path.Contains("/prompts/", StringComparison.Ordinal))];
    }

    /// <summary>All exchanges of all wires; skips the test where there is no corpus.</summary>
    public static IEnumerable<RecordedExchange> All()
    {
        Assert.SkipUnless(System.IO.Directory.Exists(Directory), $"There are no recordings at {Directory}; set GATEWAY_CORPUS to their directory.");
        return System.IO.Directory.GetFiles(Directory, "*.jsonl").SelectMany(f => Read(System.IO.Path.GetFileNameWithoutExtension(f)));
    }

    private static string Directory => Environment.GetEnvironmentVariable("GATEWAY_CORPUS") ?? RepositoryRoot.File("..", "shared", "corpus");

    /// <summary>The JSON values of the answer: one, or one for each event of a stream.</summary>
    public IEnumerable<JsonElement> Answers()
    {
        string text = Encoding.UTF8.GetString(Response);
        IEnumerable<string> documents = Stream && !text.TrimStart().StartsWith('{')
            ? text.Split('\n').Where(l => l.StartsWith("data:", StringComparison.Ordinal)).Select(l => l[5..].Trim()).Where(d => d.StartsWith('{'))
            : [text];
        foreach (string document in documents)
        {
            JsonElement answer;
            try
            {
                answer = JsonDocument.Parse(document).RootElement;
            }
            catch (JsonException)
            {
                continue;
            }
            yield return answer;
        }
    }

    public override string ToString() => Id;

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
