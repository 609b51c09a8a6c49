using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.OpenAI.Responses;

/// <summary>Whatever is sent, nothing but the two agreed exceptions comes out of the readers, and what they read can be written.</summary>
public class ResponsesFuzzTests
{
    private static readonly string[] Types =
    [
        "message", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output", "reasoning", "web_search_call",
        "image_generation_call", "item_reference", "input_text", "input_image", "input_file", "input_audio", "output_text", "refusal", "function",
        "custom", "allowed_tools", "json_schema", "response.created", "response.output_item.added", "response.output_item.done",
        "response.output_text.delta", "response.reasoning_text.delta", "response.reasoning_summary_text.delta", "response.refusal.delta",
        "response.function_call_arguments.delta", "response.output_text.annotation.added", "response.completed", "response.incomplete",
    ];

    private static readonly string[] Names =
    [
        "type", "role", "content", "text", "id", "call_id", "name", "arguments", "input", "output", "summary", "encrypted_content", "item",
        "output_index", "content_index", "summary_index", "delta", "response", "status", "incomplete_details", "reason", "usage", "annotations",
        "annotation", "url", "tools", "tool_choice", "format", "schema", "reasoning", "effort", "include", "metadata", "image_url", "file_data",
        "input_audio", "logprobs", "error", "result", "model", "stream_options", "instructions", "mode", "temperature", "top_p", "max_output_tokens", "created_at", "input_tokens", "start_index",
    ];

    [Fact]
    public void Request_AnyJson_IsReadOrRefused() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Arb.From(Objects(5)), json =>
        {
            Tolerate(() =>
            {
                GenerationRequest request = ResponsesWire.ReadRequest(json);
                ResponsesWire.WriteRequest(request);
                ResponsesWire.WriteRequest(request with { Messages = [.. request.Messages.Select(m => m with { Raw = null })], Origin = null });
            });
        }));

    [Fact]
    public void Answer_AnyJson_IsReadOrRefused() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Arb.From(Objects(5)), json =>
        {
            Tolerate(() =>
            {
                GenerationResponse response = ResponsesWire.ReadResponse(json);
                ResponsesWire.WriteResponse(response with { Candidates = [response.Candidates[0] with { Raw = null }] });
            });
        }));

    [Fact]
    public void Stream_AnyEvents_KeepTheRulesOfStreams() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Arb.From(Gen.ListOf(Objects(4))), events =>
        {
            Tolerate(() =>
            {
                List<StreamEvent> read = ResponsesWire.Decode(string.Concat(events.Select(e => $"data: {e}\n\n")));
                StreamRules.Check(read).ShouldBeNull();
                ResponsesWire.Encode(read);
            });
        }));

    [Fact]
    public void Stream_FlippedBytes_NoExceptionEscapes()
    {
        byte[] stream = Encoding.UTF8.GetBytes(
            """
            data: {"type":"response.created","response":{"id":"r","model":"m"}}

            data: {"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"a","call_id":"c1","name":"f","arguments":""}}

            data: {"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"x\":"}

            data: {"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"\u00e9"}

            data: {"type":"response.completed","response":{"status":"completed","output":[],"usage":{"input_tokens":3,"output_tokens":2}}}


            """.ReplaceLineEndings("\n"));
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(3000),
            Prop.ForAll(
                ArbMap.Default.ArbFor<(int At, byte Value)[]>(),
                flips =>
                {
                    byte[] broken = [.. stream];
                    foreach ((int at, byte value) in flips)
                    {
                        broken[(int)((uint)at % (uint)broken.Length)] ^= value;
                    }
                    Tolerate(() => ResponsesWire.Decode(broken));
                }));
    }

    private static void Tolerate(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException)
        {
            // What the relay expects.
        }
    }

    private static Gen<string> Objects(int depth) =>
        Gen.Choose(0, 6).SelectMany(count => Gen.ArrayOf(Fields(depth), count)).Select(fields => "{" + string.Join(",", fields.DistinctBy(f => f[..f.IndexOf(':')])) + "}");

    private static Gen<string> Fields(int depth) =>
        Gen.Elements(Names).SelectMany(name => (name == "type" ? Gen.Elements(Types).Select(t => $"\"{t}\"") : Values(depth)).Select(value => $"\"{name}\":{value}"));

    private static Gen<string> Values(int depth)
    {
        Gen<string> leaf = Gen.Elements("null", "true", "7", "-1", "1e400", "0.5", "\"\"", "\"user\"", "\"assistant\"", "\"developer\"", "\"completed\"", "\"\\ud800\"", "\"data:image/png;base64,AA\"", "\"gw.gemini.x\"");
        return depth == 0 ? leaf : Gen.Frequency((3, leaf), (3, Objects(depth - 1)), (2, Gen.Choose(0, 3).SelectMany(n => Gen.ArrayOf(Values(depth - 1), n)).Select(v => $"[{string.Join(",", v)}]")));
    }
}
