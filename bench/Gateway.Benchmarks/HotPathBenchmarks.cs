using System.Text;
using BenchmarkDotNet.Attributes;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Core.Limits;
using Gateway.Core.Relay;
using Gateway.Core.Routing;

namespace Gateway.Benchmarks;

/// <summary>The pieces of a request's way, each by itself: what costs how much, and what allocates.</summary>
[MemoryDiagnoser]
public class HotPathBenchmarks
{
    private const string Key = "sk-bench-0123456789abcdef0123456789abcdef";

    private readonly GatewayOptions _options = new();
    private readonly SlidingWindow _window = new();
    private byte[] _small = [];
    private byte[] _large = [];
    private byte[] _answer = [];
    private byte[] _chunk = [];
    private byte[] _stream = [];
    private RequestEnvelope _envelope = null!;
    private CatalogSnapshot _snapshot = CatalogSnapshot.Empty;
    private ApiKey _key = null!;
    private Backend _backend = null!;
    private long _now;

    [Params(1, 10_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _small = Request(900);
        _large = Request(65_536);
        _answer = Encoding.UTF8.GetBytes(
            """{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":""" + $"\"{new string('a', 700)}\""
            + """},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":0}}}""");
        _chunk = Encoding.UTF8.GetBytes(
            """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini-2024-07-18","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}]}""");
        _stream = [.. Enumerable.Repeat<byte[]>([.. "data: "u8, .. _chunk, .. "\n\n"u8], 16).SelectMany(b => b)];
        var definition = new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "p", BaseUrl = "https://api.example.com/v1" }],
            Models = [.. Enumerable.Range(0, Math.Max(1, Keys / 10)).Select(i => new ModelDefinition
            {
                Id = $"m{i}",
                Name = i == 0 ? "gpt-4o-mini" : $"model-{i}",
                Backends = [new BackendDefinition { Id = $"b{i}", Provider = "p" }],
            })],
            Keys = [.. Enumerable.Range(0, Keys).Select(i => new ApiKeyDefinition
            {
                Id = $"k{i}",
                Name = $"k{i}",
                Prefix = "sk",
                Hash = KeyHash.OfKey(i == 0 ? Key : Key + i),
            })],
        };
        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot);
        _snapshot = snapshot!;
        _key = Authenticate()!;
        _backend = _snapshot.FindModel("gpt-4o-mini")!.Backends[0];
        EnvelopeReader.Read(Operation.ChatCompletions, _small, out _envelope);
    }

    [Benchmark]
    public ApiKey? Authenticate() => Authenticator.Find(_snapshot, _options, new PresentedKey(Key), null, default);

    [Benchmark]
    public GatewayError? EnvelopeOf1KB() => EnvelopeReader.Read(Operation.ChatCompletions, _small, out _);

    [Benchmark]
    public GatewayError? EnvelopeOf64KB() => EnvelopeReader.Read(Operation.ChatCompletions, _large, out _);

    [Benchmark]
    public GatewayError? Plan() => RoutePlanner.Plan(_snapshot, _options, _key, new RouteQuery("gpt-4o-mini", null, null, null), out _);

    [Benchmark]
    public bool AdmitAndSettle()
    {
        _now += 1;
        bool admitted = _window.TryAdmit(_now, 1_000_000_000, 2_000_000_000, 100).Admitted;
        _window.Settle(_now, 100, 90);
        return admitted;
    }

    [Benchmark]
    public int Splice() => RequestSplicer.Splice(_envelope, _backend, null, askForUsage: true).Length;

    [Benchmark]
    public bool AnswerOf1KB() => AnswerReader.TryRead(_answer, measure: false, out _);

    [Benchmark]
    public bool Chunk() => AnswerReader.TryRead(_chunk, measure: true, out _);

    [Benchmark]
    public int FramesOf16Chunks()
    {
        var framer = new SseFramer();
        int position = 0;
        while (framer.TryRead(_stream.AsSpan(position), end: false, out SseFrame frame))
        {
            position += frame.Whole.Length;
        }
        return position;
    }

    private static byte[] Request(int prompt) => Encoding.UTF8.GetBytes(
        $$"""{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are brief."},{"role":"user","content":"{{new string('x', prompt)}}"}],"temperature":0.2,"max_tokens":64,"stream":false}""");
}
