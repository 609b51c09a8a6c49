using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>Whole answers.</summary>
public sealed class AnthropicAnswerTests
{
    [Fact]
    public void Read_Usage_CountsTheCacheIn()
    {
        GenerationResponse response = AnthropicWire.ReadAnswer("""
            {"id":"msg_1","type":"message","role":"assistant","model":"c","content":[],"stop_reason":"end_turn","stop_sequence":null,
             "usage":{"input_tokens":5,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":30,"output_tokens_details":{"thinking_tokens":12}}}
            """);

        response.Usage.ShouldBe(new Usage(UsageSource.Reported, 125, 100, 20, 30, 12));
    }

    [Theory]
    [InlineData("end_turn", FinishReason.Stop)]
    [InlineData("stop_sequence", FinishReason.StopSequence)]
    [InlineData("max_tokens", FinishReason.Length)]
    [InlineData("model_context_window_exceeded", FinishReason.Length)]
    [InlineData("tool_use", FinishReason.ToolCalls)]
    [InlineData("pause_turn", FinishReason.Pause)]
    [InlineData("refusal", FinishReason.Refusal)]
    [InlineData("compaction", FinishReason.Other)]
    public void Read_StopReasons_AreTheCanonicalOnesAndGoBackAsTheyCame(string reason, FinishReason expected)
    {
        GenerationResponse response = AnthropicWire.ReadAnswer($$"""{"content":[{"type":"text","text":"x"}],"stop_reason":"{{reason}}","stop_sequence":"END"}""");

        response.Candidates[0].Finish.ShouldBe(expected);
        response.Candidates[0].StopSequence.ShouldBe("END");
        AnthropicWire.WriteAnswer(response)["stop_reason"]!.GetValue<string>().ShouldBe(reason);
    }

    [Fact]
    public void Read_ACallThatSaysItIsTheEnd_IsFinishedByTheCall() =>
        AnthropicWire.ReadAnswer("""{"content":[{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"end_turn"}""")
            .Candidates[0].Finish.ShouldBe(FinishReason.ToolCalls);

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"x"}}""")]
    [InlineData("""{"content":"text"}""")]
    [InlineData("""[]""")]
    public void Read_WhatIsNoAnswer_IsRefused(string json) => Should.Throw<GenerationFormatException>(() => AnthropicWire.ReadAnswer(json));

    [Fact]
    public void Write_AnswerOfAnotherWire_HasEveryFieldThatClientsDemand()
    {
        var notes = new ConversionNotes();
        var response = new GenerationResponse
        {
            Id = "chatcmpl-9",
            Origin = Wire.OpenAIChat,
            Usage = new Usage(UsageSource.Reported, 100, 60, 0, 9, 4),
            Candidates =
            [
                new Candidate(
                    0,
                    [
                        new ReasoningPart("hm") { Origin = Wire.OpenAIChat },
                        new TextPart("Look") { Citations = [new Citation { Url = "https://x", Title = "X", CitedText = "y" }, new Citation { Title = "no address" }] },
                        new ToolCallPart("call_1", "f", "{\"a\":1}"),
                        new ToolCallPart("call_2", "g", "no json"),
                    ],
                    FinishReason.ToolCalls),
                new Candidate(1, [new TextPart("other")], FinishReason.Stop),
            ],
        };

        JsonObject written = AnthropicWire.WriteAnswer(response, notes);

        JsonNode.DeepEquals(written, JsonNode.Parse("""
            {"id":"msg_00112233445566778899aabbccddeeff","type":"message","role":"assistant","model":"alias",
             "content":[
               {"type":"thinking","thinking":"hm","signature":"gw.openai-chat."},
               {"type":"text","text":"Look","citations":[{"type":"web_search_result_location","cited_text":"y","encrypted_index":"","title":"X","url":"https://x"}]},
               {"type":"tool_use","id":"call_1","caller":{"type":"direct"},"name":"f","input":{"a":1}},
               {"type":"tool_use","id":"call_2","caller":{"type":"direct"},"name":"g","input":{"arguments":"no json"}}],
             "stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,
             "usage":{"input_tokens":40,"cache_creation_input_tokens":0,"cache_read_input_tokens":60,"output_tokens":9,"output_tokens_details":{"thinking_tokens":4},
               "server_tool_use":null,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"inference_geo":null,"service_tier":null,"speed":null}}
            """)).ShouldBeTrue(written.ToJsonString());
        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).ShouldBe(["choices", "citations"], ignoreOrder: true);
    }

    [Fact]
    public void Write_ARefusedPrompt_IsARefusalWithoutContent()
    {
        JsonObject written = AnthropicWire.WriteAnswer(new GenerationResponse { Origin = Wire.Gemini, Candidates = [] });

        written["content"]!.AsArray().ShouldBeEmpty();
        written["stop_reason"]!.GetValue<string>().ShouldBe("refusal");
        written["stop_details"]!["type"]!.GetValue<string>().ShouldBe("refusal");
    }

    [Fact]
    public void ToMessage_OfAnAnswer_IsSentBackAsItCame()
    {
        const string Content = """[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"t1","name":"f","input":{"z":1.50},"caller":{"type":"direct"}}]""";
        GenerationResponse response = AnthropicWire.ReadAnswer($$"""{"content":{{Content}},"stop_reason":"tool_use"}""");

        JsonObject written = AnthropicWire.Write(new GenerationRequest { Model = "claude-sonnet-4-5", Messages = [response.ToMessage()] });

        written["messages"]![0]!["content"]!.ToJsonString().ShouldBe(Content);
    }
}
