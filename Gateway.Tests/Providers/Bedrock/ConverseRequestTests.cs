using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;
using Gateway.Providers.Bedrock.Converse;
using Gateway.Tests.Generation;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Bedrock;

/// <summary>Requests of other wires become ones that Bedrock takes.</summary>
public class ConverseRequestTests
{
    private static readonly CodecBench Codec = new(new ConverseCodec());
    private static readonly Message Hello = new(Role.User, [new TextPart("hello")]);

    [Fact]
    public void Write_TurnsOfTheSameRole_BecomeOneAndResultsStandFirst()
    {
        JsonElement written = Codec.Write(Of(
            Hello,
            new Message(Role.Assistant, [new ToolCallPart("a", "f", "{\"x\":1}"), new ToolCallPart("b", "g", "")]),
            new Message(Role.Tool, [new ToolResultPart("a", [new TextPart("1")]), new ToolResultPart("b", [new TextPart("2")]) { IsError = true }]),
            new Message(Role.User, [new TextPart("and?")])));

        JsonElement messages = written.GetProperty("messages");
        messages.EnumerateArray().Select(m => m.GetProperty("role").GetString()).ShouldBe(["user", "assistant", "user"]);
        messages[1].GetRawText().ShouldBe("""{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{"x":1}}},{"toolUse":{"toolUseId":"b","name":"g","input":{}}}]}""");
        messages[2].GetRawText().ShouldBe("""{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"1"}],"status":"success"}},{"toolResult":{"toolUseId":"b","content":[{"text":"2"}],"status":"error"}},{"text":"and?"}]}""");
        // Tools of past calls must be declared.
        written.GetProperty("toolConfig").GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("toolSpec").GetProperty("name").GetString()).ShouldBe(["f", "g"]);
    }

    [Fact]
    public void Write_AssistantFirstAndBlankTexts_StartWithTheUserAndLeaveTheBlanksOut()
    {
        JsonElement written = Codec.Write(Of(new Message(Role.Assistant, [new TextPart("I")]), new Message(Role.User, [new TextPart("  ")]), new Message(Role.Assistant, [new TextPart("am")])));

        written.GetProperty("messages").GetRawText().ShouldBe("""[{"role":"user","content":[{"text":"\u2026"}]},{"role":"assistant","content":[{"text":"I"},{"text":"am"}]}]""");
    }

    [Fact]
    public void Write_IdsThatDoNotFit_AreTheSameInCallAndResult()
    {
        string id = "call|." + new string('x', 100);
        JsonElement messages = Codec.Write(Of(Hello, new Message(Role.Assistant, [new ToolCallPart(id, "f", "{}")]), new Message(Role.Tool, [new ToolResultPart(id, [])]))).GetProperty("messages");

        string call = messages[1].GetProperty("content")[0].GetProperty("toolUse").GetProperty("toolUseId").GetString()!;
        call.Length.ShouldBeLessThanOrEqualTo(64);
        call.ShouldMatch("^[a-zA-Z0-9_.:-]+$");
        messages[2].GetProperty("content")[0].GetProperty("toolResult").GetProperty("toolUseId").GetString().ShouldBe(call);
    }

    [Fact]
    public void Write_Media_ByFormatAndSource()
    {
        var notes = new ConversionNotes();
        JsonElement written = Codec.Write(Of(new Message(Role.User,
        [
            new MediaPart(MediaKind.Image, new MediaSource { Data = "AAAA", MediaType = "image/jpeg" }),
            new MediaPart(MediaKind.Image, new MediaSource { Url = "https://example.com/cat.png" }),
            new MediaPart(MediaKind.Document, new MediaSource { Data = "BBBB", MediaType = "application/pdf" }) { Name = "my_report  (final).pdf" },
            new MediaPart(MediaKind.Document, new MediaSource { Url = "s3://bucket/a.md", MediaType = "text/markdown" }),
            new MediaPart(MediaKind.Document, new MediaSource { FileId = "file-1", Owner = Wire.OpenAIChat }),
        ])), notes);

        written.GetProperty("messages")[0].GetProperty("content").EnumerateArray().Select(b => b.GetRawText()).ShouldBe(
        [
            """{"image":{"format":"jpeg","source":{"bytes":"AAAA"}}}""",
            """{"document":{"format":"pdf","name":"my_report (final) pdf","source":{"bytes":"BBBB"}}}""",
            """{"document":{"format":"md","name":"document 2","source":{"s3Location":{"uri":"s3://bucket/a.md"}}}}""",
            // Beside documents there must be a text.
            """{"text":"\u2026"}""",
        ]);
        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).ShouldBe(["file_id", "url"], ignoreOrder: true);
    }

    [Fact]
    public void Write_CacheHints_ArePointsAfterWhatTheyEnd()
    {
        JsonElement written = Codec.Write(Of(Hello) with
        {
            Instructions = [new TextPart("long") { Cache = new CacheHint() }, new TextPart("short")],
            Tools = [new FunctionTool("f") { Cache = new CacheHint("1h") }],
        });

        written.GetProperty("system").GetRawText().ShouldBe("""[{"text":"long"},{"cachePoint":{"type":"default"}},{"text":"short"}]""");
        written.GetProperty("toolConfig").GetProperty("tools").GetRawText()
            .ShouldBe("""[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}},{"cachePoint":{"type":"default","ttl":"1h"}}]""");
    }

    [Theory]
    [InlineData(ToolChoiceMode.Auto, """{"auto":{}}""")]
    [InlineData(ToolChoiceMode.Required, """{"any":{}}""")]
    [InlineData(ToolChoiceMode.Named, """{"tool":{"name":"f"}}""")]
    public void Write_ToolChoice_IsConverses(ToolChoiceMode mode, string expected) =>
        Codec.Write(Of(Hello) with { Tools = [new FunctionTool("f")], ToolChoice = new ToolChoice(mode, mode == ToolChoiceMode.Named ? "f" : null) })
            .GetProperty("toolConfig").GetProperty("toolChoice").GetRawText().ShouldBe(expected);

    [Fact]
    public void Write_NoToolAllowed_LeavesThemOut()
    {
        var notes = new ConversionNotes();

        JsonElement written = Codec.Write(Of(Hello) with { Tools = [new FunctionTool("f")], ToolChoice = new ToolChoice(ToolChoiceMode.None) }, notes);

        written.TryGetProperty("toolConfig", out _).ShouldBeFalse();
        notes.Lossy.ShouldBeFalse();
    }

    // What makes room for thoughts is the client's limit, never the operator's.
    [Theory]
    [InlineData(500, 500, null)]
    [InlineData(2000, 2000, 1024)]
    [InlineData(500, 6000, 3000)]
    public void Write_ClaudeThatThinksUnderALimit_StaysBelowIt(int asked, int ceiling, int? budget)
    {
        JsonElement written = Codec.Write(Of(Hello) with
        {
            Reasoning = new ReasoningSettings { BudgetTokens = 8000 },
            Sampling = new Sampling { MaxOutputTokens = asked, OutputCeiling = ceiling },
        });

        int most = written.GetProperty("inferenceConfig").GetProperty("maxTokens").GetInt32();
        most.ShouldBeLessThanOrEqualTo(ceiling);
        int? thoughts = written.TryGetProperty("additionalModelRequestFields", out JsonElement fields) ? fields.GetProperty("thinking").GetProperty("budget_tokens").GetInt32() : null;
        thoughts.ShouldBe(budget);
        (thoughts ?? 0).ShouldBeLessThan(most);
    }

    [Fact]
    public void Write_ClaudeThatThinks_HasRoomForItAndNoTemperature()
    {
        var notes = new ConversionNotes();
        JsonElement written = Codec.Write(
            Of(Hello) with { Reasoning = new ReasoningSettings { Effort = ReasoningEffort.Low }, Sampling = new Sampling { MaxOutputTokens = 500, Temperature = 0.3, TopK = 5 } }, notes);

        written.GetProperty("additionalModelRequestFields").GetRawText().ShouldBe("""{"thinking":{"type":"enabled","budget_tokens":1024}}""");
        written.GetProperty("inferenceConfig").GetRawText().ShouldBe("""{"maxTokens":1524}""");
        notes.Reasons.Select(r => r.What).ShouldBe(["temperature", "top_k"], ignoreOrder: true);
    }

    [Fact]
    public void Write_ClaudeThatMustCallATool_DoesNotThink()
    {
        JsonElement written = Codec.Write(Of(Hello) with
        {
            Reasoning = new ReasoningSettings { Effort = ReasoningEffort.High },
            Tools = [new FunctionTool("f")],
            ToolChoice = new ToolChoice(ToolChoiceMode.Required),
        });

        written.TryGetProperty("additionalModelRequestFields", out _).ShouldBeFalse();
    }

    [Fact]
    public void Write_JsonSchema_IsAStringInOutputConfig()
    {
        JsonElement written = Codec.Write(Of(Hello) with { Output = new OutputFormat(OutputFormatKind.JsonSchema) { Name = "n", Schema = JsonElement.Parse("""{"type":"object"}""") } });

        JsonElement schema = written.GetProperty("outputConfig").GetProperty("textFormat").GetProperty("structure").GetProperty("jsonSchema");
        schema.GetProperty("schema").GetString().ShouldBe("""{"type":"object"}""");
    }

    [Fact]
    public void Write_ThoughtsOfOthers_StayHomeAndOwnOnesAreSigned()
    {
        var notes = new ConversionNotes();
        JsonElement content = Codec.Write(Of(Hello, new Message(Role.Assistant,
        [
            new ReasoningPart("foreign") { Signature = "s", Origin = Wire.AnthropicMessages },
            new ReasoningPart("own") { Signature = "t", Origin = Wire.BedrockConverse },
            new TextPart("so"),
        ]), Hello), notes).GetProperty("messages")[1].GetProperty("content");

        content.GetRawText().ShouldBe("""[{"reasoningContent":{"reasoningText":{"text":"own","signature":"t"}}},{"text":"so"}]""");
        notes.Lossy.ShouldBeTrue();
    }

    [Fact]
    public void WriteAnswer_ForeignSignature_ComesBackToItsOrigin()
    {
        var response = new GenerationResponse
        {
            Candidates = [new Candidate(0, [new ReasoningPart("hm") { Signature = "sig", Origin = Wire.AnthropicMessages }, new TextPart("yes")], FinishReason.Stop)],
            Origin = Wire.AnthropicMessages,
        };

        JsonElement message = Codec.WriteAnswer(response).GetProperty("output").GetProperty("message");
        GenerationRequest next = Codec.Read($$"""{"messages":[{"role":"user","content":[{"text":"q"}]},{{message.GetRawText()}}]}""", new RequestLine("m", false));

        ReasoningPart thought = next.Messages[1].Parts.OfType<ReasoningPart>().ShouldHaveSingleItem();
        (thought.Origin, thought.Signature).ShouldBe((Wire.AnthropicMessages, "sig"));
        next.Messages[1].Raw.ShouldBeNull();
    }

    private static GenerationRequest Of(params Message[] messages) => new() { Model = "anthropic.claude-sonnet-4", Messages = messages };
}
