using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;
using Xunit;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>Whatever a client or a server sends: it is read, or refused with one of two exceptions.</summary>
public sealed class AnthropicFuzzTests
{
    private static readonly string[] Words =
    [
        "type", "text", "role", "user", "assistant", "system", "content", "messages", "model", "tool_use", "tool_result", "tool_use_id", "id", "name", "input",
        "thinking", "signature", "redacted_thinking", "data", "gw.part.x", "gw.gemini.x", "image", "document", "source", "base64", "url", "file", "media_type",
        "search_result", "citations", "title", "cache_control", "ttl", "tools", "input_schema", "tool_choice", "any", "output_config", "format", "schema", "effort",
        "max", "usage", "input_tokens", "output_tokens", "stop_reason", "end_turn", "message", "message_start", "content_block_start", "content_block_delta",
        "content_block_stop", "message_delta", "message_stop", "error", "index", "content_block", "delta", "text_delta", "input_json_delta", "partial_json",
        "signature_delta", "thinking_delta", "citations_delta", "citation", "server_tool_use", "", "{\"a\":1}",
    ];

    private static readonly Gen<string> Word = Gen.Elements(Words).Select(w => JsonSerializer.Serialize(w));

    private static readonly Gen<string> Scalar = Gen.OneOf(
        Word, Gen.Elements("null", "true", "false", "0", "-1", "1e400", "99999999999999999999", "1.5", "\"\\ud83d\"", "\"\\ude00\\ud83d\""), Gen.Choose(-3, 3).Select(n => n.ToString(null, null)));

    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(60);

    [Fact]
    public void Request_OfAnyShape_IsReadOrRefused() => Check(Value(6), json =>
    {
        GenerationRequest request = AnthropicWire.Read(json);
        AnthropicWire.Write(request);
        AnthropicWire.Write(request with { Origin = null, Model = "claude-sonnet-4-5" });
    });

    [Fact]
    public void Request_WithMessagesOfAnyShape_IsReadOrRefused() => Check(
        Gen.ListOf(Typed(4)).Select(blocks => $$"""{"model":"m","messages":[{"role":"assistant","content":[{{string.Join(',', blocks)}}]},{"role":"user","content":[{{string.Join(',', blocks)}}]}]}"""),
        json => AnthropicWire.Write(AnthropicWire.Read(json) with { Origin = null }));

    [Fact]
    public void Answer_OfAnyShape_IsReadOrRefused() => Check(
        Gen.ListOf(Typed(4)).SelectMany(blocks => Value(3).Select(usage => $$"""{"content":[{{string.Join(',', blocks)}}],"usage":{{usage}},"stop_reason":"end_turn"}""")),
        json => AnthropicWire.WriteAnswer(AnthropicWire.ReadAnswer(json)));

    [Fact]
    public void Stream_OfAnyEvents_KeepsTheOrderThatEncodersCountOn() => Check(
        Gen.ListOf(Event()).Select(events => string.Concat(events.Select(e => $"data: {e}\n\n"))),
        stream =>
        {
            List<StreamEvent> events = AnthropicWire.ReadStream(stream);
            if (events.Count > 0)
            {
                AnthropicStreamRules.Check(events, stream);
                AnthropicWire.ReadStream(AnthropicWire.WriteStream(events, Core.Catalog.Wire.AnthropicMessages));
            }
        });

    [Fact]
    public void Bytes_Flipped_AreReadOrRefused()
    {
        byte[] request = Encoding.UTF8.GetBytes("""
            {"model":"claude-sonnet-4-5","max_tokens":9,"system":[{"type":"text","text":"é"}],"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":[1]}}]}]}
            """);
        Prop.ForAll(Gen.Choose(0, request.Length - 1).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (at, value) =>
        {
            byte[] changed = [.. request];
            changed[at] = (byte)value;
            Survives(() => AnthropicWire.Write(AnthropicWire.Read(Encoding.Latin1.GetString(changed)) with { Origin = null }));
        }).Check(Config);
    }

    private static void Check(Gen<string> json, Action<string> read) => Prop.ForAll(json.ToArbitrary(), j => Survives(() => read(j))).Check(Config);

    private static void Survives(Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException)
        {
            // The two that may escape.
        }
    }

    private static Gen<string> Value(int depth) => depth == 0 ? Scalar : Gen.OneOf(Scalar, Members(depth).Select(m => $"{{{m}}}"), Gen.ListOf(Value(depth - 1)).Select(v => $"[{string.Join(',', v.Take(4))}]"));

    private static Gen<string> Members(int depth) =>
        Gen.ListOf(Word.SelectMany(name => Value(depth - 1).Select(value => (name, value))))
            .Select(m => string.Join(',', m.DistinctBy(p => p.name).Take(6).Select(p => $"{p.name}:{p.value}")));

    private static Gen<string> Typed(int depth) => Word.SelectMany(type => Members(depth).Select(rest => Object(type, rest)));

    private static Gen<string> Event() => Word.SelectMany(type => Gen.Choose(0, 2).SelectMany(index => Typed(2).SelectMany(block => Members(2).Select(
        rest => Object(type, $"\"index\":{index},\"content_block\":{block},\"delta\":{block},\"message\":{{{rest}}}")))));

    private static string Object(string type, string rest)
    {
        string first = $"\"type\":{type}";
        return rest.Length == 0 || rest.Contains("\"type\":", StringComparison.Ordinal) && rest.StartsWith("\"type\":", StringComparison.Ordinal)
            ? $"{{{first}}}"
            : $"{{{first},{rest}}}";
    }
}
