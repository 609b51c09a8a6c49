using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Providers;

namespace Gateway.Benchmarks;

/// <summary>What it costs to serve a client of one wire from an upstream of another: a request of 1 KB, its answer, and a stream of 100 pieces.</summary>
[MemoryDiagnoser]
public class TranslationBenchmarks
{
    private byte[] _request = [];
    private byte[] _answer = [];
    private byte[] _stream = [];

    /// <summary>The client's wire.</summary>
    [ParamsSource(nameof(ClientWires))]
    public Wire Client { get; set; }

    /// <summary>The backend's wire.</summary>
    [ParamsSource(nameof(UpstreamWires))]
    public Wire Upstream { get; set; }

    /// <summary>Those that a client can speak.</summary>
    public static IEnumerable<Wire> ClientWires => [Wire.OpenAIChat, Wire.OpenAIResponses, Wire.AnthropicMessages, Wire.Gemini];

    /// <summary>All.</summary>
    public static IEnumerable<Wire> UpstreamWires => Wires.All;

    /// <summary>Makes the bodies, each in its wire, from the same conversation.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        string text = string.Join(' ', Enumerable.Repeat("The quick brown fox jumps over the lazy dog.", 18));
        string chat = $$$$"""{"model":"m","max_tokens":100,"temperature":0.5,"messages":[{"role":"system","content":"You are brief."},{"role":"user","content":"{{{{text}}}}"}],"tools":[{"type":"function","function":{"name":"look","description":"Looks something up.","parameters":{"type":"object","properties":{"q":{"type":"string"}},"required":["q"]}}}]}""";
        string answer = $$$"""{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":180,"total_tokens":380}}""";
        var stream = new StringBuilder();
        for (int i = 0; i < 100; i++)
        {
            stream.Append(CultureInfo.InvariantCulture, $$$"""data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word{{{i}}}"},"finish_reason":null}]}""").Append("\n\n");
        }
        stream.Append("""data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":100,"total_tokens":300}}""").Append("\n\ndata: [DONE]\n\n");
        _request = Bytes(Transcoder.Request(Wire.OpenAIChat, Client, chat).Value);
        _answer = Bytes(Transcoder.Response(Wire.OpenAIChat, Upstream, Encoding.UTF8.GetBytes(answer)).Value);
        var output = new ArrayBufferWriter<byte>();
        StreamTranscoder transcoder = Transcoder.Stream(Wire.OpenAIChat, Upstream, Context());
        transcoder.Write(Encoding.UTF8.GetBytes(stream.ToString()), output);
        transcoder.Complete(output);
        _stream = output.WrittenSpan.ToArray();
    }

    /// <summary>The client's request for the backend.</summary>
    [Benchmark]
    public object Request() => Transcoder.Request(Client, Upstream, _request);

    /// <summary>The backend's answer for the client.</summary>
    [Benchmark]
    public object Answer() => Transcoder.Response(Upstream, Client, _answer, Context());

    /// <summary>The backend's stream for the client, in one read of the upstream for each piece or so.</summary>
    [Benchmark(OperationsPerInvoke = 100)]
    public int StreamPiece()
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        StreamTranscoder transcoder = Transcoder.Stream(Upstream, Client, Context());
        foreach (Range piece in Pieces())
        {
            transcoder.Write(_stream.AsSpan(piece), output);
        }
        transcoder.Complete(output);
        return output.WrittenCount;
    }

    private IEnumerable<Range> Pieces()
    {
        int size = Math.Max(1, _stream.Length / 100);
        for (int at = 0; at < _stream.Length; at += size)
        {
            yield return at..Math.Min(_stream.Length, at + size);
        }
    }

    private static ResponseContext Context() => new()
    {
        Model = "alias",
        CallId = Guid.Parse("019ac000-0000-7000-8000-000000000001"),
        Now = DateTimeOffset.UnixEpoch,
        Request = new GenerationRequest { Model = "m", Messages = [], Stream = true, IncludeUsage = true },
        Origin = Wire.OpenAIChat,
    };

    private static byte[] Bytes(JsonElement json) => Encoding.UTF8.GetBytes(json.GetRawText());
}
