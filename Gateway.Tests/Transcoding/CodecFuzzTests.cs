using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Relay;
using Gateway.Core.Relay.Uploads;
using Gateway.Providers;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Transcoding;

/// <summary>
/// Bodies and streams of every wire with bytes flipped, cut out and doubled: whatever comes, a decoder either reads it or says
/// what is wrong in one of the two ways that its callers expect.
/// </summary>
public sealed class CodecFuzzTests
{
    private const int Mutations = 1500;

    private const string Request =
        """{"model":"m","max_tokens":100,"temperature":0.5,"stop":["a"],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":{"x":{"type":"string"}}}}},"messages":[{"role":"system","content":"You are brief."},{"role":"user","content":[{"type":"text","text":"Look \ud83d\ude00"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}]},{"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"q\":1}"}},{"id":"call_2","type":"function","function":{"name":"look","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"found"},{"role":"tool","tool_call_id":"call_2","content":"nothing"}],"tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object","properties":{"q":{"type":"integer"}}}}}],"tool_choice":"auto"}""";

    private const string Answer =
        """{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"words","reasoning_content":"hm","annotations":[{"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":0,"end_index":2}}],"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"q\":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":20,"completion_tokens":18,"total_tokens":38,"prompt_tokens_details":{"cached_tokens":3}}}""";

    private static readonly string Stream = string.Concat(((string[])[
        """{"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"hm"}}]}""",
        """{"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"wor"}}]}""",
        """{"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"ds"}}]}""",
        """{"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"q\""}}]}}]}""",
        """{"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]}""",
        """{"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":20,"completion_tokens":18,"total_tokens":38}}""",
        "[DONE]"]).Select(d => $"data: {d}\n\n"));

    public static TheoryData<Wire> Wires => [.. RecordedWire.All];

    [Theory]
    [MemberData(nameof(Wires))]
    public void Request_Mutated_IsReadOrRefused(Wire wire) => Fuzz(
        Bytes(Transcoder.Request(Wire.OpenAIChat, wire, Request).Value),
        body => Transcoder.ReadRequest(wire, body, new RequestLine("m", false)));

    [Theory]
    [MemberData(nameof(Wires))]
    public void Answer_Mutated_IsReadOrRefused(Wire wire) => Fuzz(
        Bytes(Transcoder.Response(Wire.OpenAIChat, wire, Encoding.UTF8.GetBytes(Answer)).Value),
        body => Transcoder.ReadResponse(wire, body));

    [Theory]
    [MemberData(nameof(Wires))]
    public void Request_MutatedAndWrittenElsewhere_IsWrittenOrRefused(Wire wire) => Fuzz(
        Bytes(Transcoder.Request(Wire.OpenAIChat, wire, Request).Value),
        body => Transcoder.Request(wire, wire == Wire.AnthropicMessages ? Wire.Gemini : Wire.AnthropicMessages, body, new RequestLine("m", false)));

    [Theory]
    [MemberData(nameof(Wires))]
    public void Stream_Mutated_IsReadOrRefused(Wire wire)
    {
        var output = new ArrayBufferWriter<byte>();
        StreamTranscoder transcoder = Transcoder.Stream(Wire.OpenAIChat, wire, Context());
        transcoder.Write(Encoding.UTF8.GetBytes(Stream), output);
        transcoder.Complete(output);
        Fuzz(output.WrittenSpan.ToArray(), bytes =>
        {
            StreamTranscoder reader = Transcoder.Stream(wire, Wire.OpenAIResponses, Context());
            var written = new ArrayBufferWriter<byte>();
            foreach (byte[] piece in bytes.Chunk(61))
            {
                reader.Write(piece, written);
            }
            reader.Complete(written);
        });
    }

    [Fact]
    public void Form_Mutated_IsReadOrRefused()
    {
        byte[] form = Encoding.UTF8.GetBytes(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF....\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--b--\r\n");
        Fuzz(form, body => MultipartEnvelopeReader.Read(Operation.Transcriptions, body, "multipart/form-data; boundary=b", null, out _));
    }

    [Fact]
    public void Envelope_Mutated_IsReadOrRefused()
    {
        foreach (Operation operation in Enum.GetValues<Operation>())
        {
            Fuzz(Encoding.UTF8.GetBytes(Request), body => EnvelopeReader.Read(operation, body, out _), 300);
        }
    }

    private static void Fuzz(byte[] seed, Action<byte[]> read, int mutations = Mutations)
    {
        var random = new Random(20261121);
        for (int i = 0; i < mutations; i++)
        {
            byte[] body = Mutate(seed, random);
            try
            {
                read(body);
            }
            catch (Exception e) when (e is JsonException or GenerationFormatException)
            {
                // Refused, and said why.
            }
            catch (Exception e)
            {
                throw new ShouldAssertException($"{e.GetType().Name}: {e.Message} for {Convert.ToBase64String(body)}\n{e.StackTrace}");
            }
        }
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var body = new List<byte>(seed);
        for (int i = random.Next(1, 5); i > 0 && body.Count > 4; i--)
        {
            int at = random.Next(body.Count);
            int length = Math.Min(random.Next(1, 24), body.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    body[at] = (byte)random.Next(256);
                    break;
                case 1:
                    body.RemoveRange(at, length);
                    break;
                case 2:
                    body.InsertRange(at, body.GetRange(at, length));
                    break;
                case 3:
                    // A value of another type where one ends: what shape checks are for.
                    int value = body.FindIndex(at, b => b == (byte)':');
                    if (value > 0)
                    {
                        int end = body.FindIndex(value, b => b is (byte)',' or (byte)'}');
                        if (end > value)
                        {
                            body.RemoveRange(value + 1, end - value - 1);
                            body.InsertRange(value + 1, Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]));
                        }
                    }
                    break;
                default:
                    body.RemoveRange(at, body.Count - at);
                    break;
            }
        }
        return [.. body];
    }

    private static readonly string[] Values = ["null", "[]", "{}", "\"\"", "true", "-1", "1e999", "[null]", "[[]]", "{\"a\":null}", "\"\\ud800\""];

    private static ResponseContext Context() => new()
    {
        Model = "m",
        CallId = Guid.Parse("019ac000-0000-7000-8000-000000000001"),
        Now = DateTimeOffset.UnixEpoch,
        Request = new GenerationRequest { Model = "m", Messages = [], Stream = true, IncludeUsage = true },
        Origin = Wire.OpenAIChat,
    };

    private static byte[] Bytes(JsonElement json) => Encoding.UTF8.GetBytes(json.GetRawText());
}
