using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>Requests: what is read of this wire, and what is sent to a Claude for a client of another.</summary>
public sealed class AnthropicRequestTests
{
    private const string Old = "claude-3-5-haiku-20241022";
    private const string Budgeted = "claude-sonnet-4-5";
    private const string Newest = "claude-opus-5-5";

    [Fact]
    public void Read_ResultsAndTextInOneTurn_BecomeToolAndUserMessages()
    {
        GenerationRequest request = AnthropicWire.Read("""
            {"model":"m","max_tokens":9,"messages":[
              {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}}]},
              {"role":"user","content":[{"type":"text","text":"Well?"},{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"no"}]}]}]}
            """);

        request.Messages.Select(m => m.Role).ShouldBe([Role.Assistant, Role.Tool, Role.User]);
        ToolResultPart result = request.Messages[1].Parts[0].ShouldBeOfType<ToolResultPart>();
        (result.CallId, result.Name, result.IsError, result.Text).ShouldBe(("toolu_1", "weather", true, "no"));
        request.Messages[2].Parts[0].ShouldBe(new TextPart("Well?") { Citations = ((TextPart)request.Messages[2].Parts[0]).Citations });
        AnthropicWire.Write(request)["messages"]![1]!["content"]!.AsArray().Select(b => b!["type"]!.GetValue<string>()).ShouldBe(["tool_result", "text"]);
    }

    [Theory]
    [InlineData("""{"model":"m","messages":"hello"}""", "messages")]
    [InlineData("""{"model":"m","messages":["hello"]}""", "messages[0]")]
    [InlineData("""{"model":"m","messages":[{"role":"robot","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":7}]}""", "messages[0].content")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"model":"m","messages":[],"tools":["x"]}""", "tools[0]")]
    [InlineData("""{"model":"m","messages":[],"tool_choice":{"type":"tool"}}""", "tool_choice")]
    [InlineData("""{"messages":[]}""", "model")]
    public void Read_WhatIsNoRequest_NamesTheFieldAtFault(string json, string param) =>
        Should.Throw<GenerationFormatException>(() => AnthropicWire.Read(json)).Param.ShouldBe(param);

    [Fact]
    public void Read_SettingsOfThisWireAlone_AreNamedForOthersAndKeptForIt()
    {
        GenerationRequest request = AnthropicWire.Read("""
            {"model":"claude-opus-5","max_tokens":9,"container":"c1","cache_control":{"type":"ephemeral"},"thinking":{"type":"between_tools"},
             "output_config":{"effort":"max","task_budget":{"type":"tokens","total":5}},
             "tools":[{"name":"f","input_schema":{"type":"object"},"defer_loading":true,"allowed_callers":["direct"]}],
             "messages":[{"role":"user","content":[{"type":"document","context":"why","citations":{"enabled":true},"source":{"type":"text","media_type":"text/plain","data":"x"}}]}]}
            """);
        var notes = new ConversionNotes();

        VendorExtension.WriteAll(request.Extensions, Wire.OpenAIChat, null!, notes);

        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).ShouldBe(["container", "citations", "context", "allowed_callers"], ignoreOrder: true);
        notes.Reasons.Where(r => !r.Lossy).Select(r => r.What)
            .ShouldBe(["cache_control", "thinking", "output_config.effort", "output_config.task_budget", "defer_loading"], ignoreOrder: true);
        request.Reasoning!.Effort.ShouldBe(ReasoningEffort.XHigh);
        JsonObject written = AnthropicWire.Write(request);
        written["output_config"]!.ToJsonString().ShouldBe("""{"effort":"max","task_budget":{"type":"tokens","total":5}}""");
        written["thinking"]!["type"]!.GetValue<string>().ShouldBe("between_tools");
        written["tools"]![0]!["defer_loading"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public void Write_ParallelCallsAndTheirResults_AlternateAndKeepTheirOrder()
    {
        GenerationRequest request = Ask(Budgeted) with
        {
            Messages =
            [
                Message(Role.User, new TextPart("Both?")),
                Message(Role.Assistant, new ToolCallPart("call:1", "a", "{\"x\":1}"), new ToolCallPart("call_2", "b", "")),
                Message(Role.Tool, new ToolResultPart("call:1", [new TextPart("one")])),
                Message(Role.Tool, new ToolResultPart("call_2", [new TextPart("two")]) { IsError = true }),
                Message(Role.User, new TextPart("And?")),
            ],
        };

        JsonArray messages = AnthropicWire.Write(request)["messages"]!.AsArray();

        messages.Select(m => m!["role"]!.GetValue<string>()).ShouldBe(["user", "assistant", "user"]);
        messages[1]!["content"]!.ToJsonString().ShouldBe(
            """[{"type":"tool_use","id":"call_1","name":"a","input":{"x":1}},{"type":"tool_use","id":"call_2","name":"b","input":{}}]""");
        messages[2]!["content"]!.ToJsonString().ShouldBe(
            """[{"type":"tool_result","tool_use_id":"call_1","content":"one"},{"type":"tool_result","tool_use_id":"call_2","content":"two","is_error":true},{"type":"text","text":"And?"}]""");
    }

    [Fact]
    public void Write_NoLimitOfTokens_ChoosesOneAndSaysSo()
    {
        var notes = new ConversionNotes();

        AnthropicWire.Write(Ask(Budgeted), notes)["max_tokens"]!.GetValue<int>().ShouldBe(4096);

        notes.Reasons.ShouldContain(r => r.What == "max_tokens" && !r.Lossy);
    }

    [Theory]
    [InlineData(Budgeted, ReasoningEffort.Low, null, """{"type":"enabled","budget_tokens":1024}""", null, 5120)]
    [InlineData(Budgeted, ReasoningEffort.High, 3000, """{"type":"enabled","budget_tokens":1500}""", null, 3000)]
    [InlineData(Budgeted, ReasoningEffort.High, 1000, null, null, 1000)]
    [InlineData(Budgeted, ReasoningEffort.None, 1000, null, null, 1000)]
    [InlineData(Newest, ReasoningEffort.Minimal, 1000, """{"type":"adaptive"}""", "low", 1000)]
    [InlineData(Newest, ReasoningEffort.XHigh, null, """{"type":"adaptive"}""", "xhigh", 32000)]
    [InlineData("claude-opus-4-6", ReasoningEffort.XHigh, 1000, """{"type":"adaptive"}""", "high", 1000)]
    [InlineData(Newest, ReasoningEffort.None, 1000, """{"type":"disabled"}""", null, 1000)]
    [InlineData(Old, ReasoningEffort.High, 1000, null, null, 1000)]
    [InlineData("glm-5", ReasoningEffort.Medium, 20000, """{"type":"enabled","budget_tokens":8192}""", null, 20000)]
    public void Write_AnEffort_IsSaidAsTheModelTakesIt(string model, ReasoningEffort effort, int? limit, string? thinking, string? said, int maxTokens)
    {
        JsonObject written = AnthropicWire.Write(Ask(model) with
        {
            Reasoning = new ReasoningSettings { Effort = effort },
            Sampling = new Sampling { MaxOutputTokens = limit },
        });

        written["thinking"]?.ToJsonString().ShouldBe(thinking);
        written["output_config"]?["effort"]?.GetValue<string>().ShouldBe(said);
        written["max_tokens"]!.GetValue<int>().ShouldBe(maxTokens);
    }

    [Fact]
    public void Write_CallsThatNobodySigned_DoNotThinkInTheMiddleOfTheTurn()
    {
        GenerationRequest request = Ask(Budgeted) with
        {
            Reasoning = new ReasoningSettings { Effort = ReasoningEffort.High },
            Messages =
            [
                Message(Role.User, new TextPart("?")),
                Message(Role.Assistant, new ReasoningPart("hm"), new ToolCallPart("c", "a", "{}")),
                Message(Role.Tool, new ToolResultPart("c", [new TextPart("r")])),
            ],
        };
        var notes = new ConversionNotes();

        AnthropicWire.Write(request, notes).ContainsKey("thinking").ShouldBeFalse();

        notes.Reasons.ShouldContain(r => r.What == "reasoning" && !r.Lossy);
    }

    [Fact]
    public void Write_ThoughtsOfAnotherVendor_AreLeftOutAndOwnOnesKept()
    {
        GenerationRequest request = Ask(Budgeted) with
        {
            Messages =
            [
                Message(Role.User, new TextPart("?")),
                Message(
                    Role.Assistant,
                    new ReasoningPart("own") { Signature = "s1", Origin = Wire.AnthropicMessages },
                    new ReasoningPart("foreign") { Signature = "s2", Origin = Wire.Gemini },
                    new ReasoningPart("") { Redacted = true, Signature = "s3", Origin = Wire.AnthropicMessages },
                    new TextPart("!")),
                Message(Role.User, new TextPart("?")),
            ],
        };
        var notes = new ConversionNotes();

        JsonNode content = AnthropicWire.Write(request, notes)["messages"]![1]!["content"]!;

        content.ToJsonString().ShouldBe(
            """[{"type":"thinking","thinking":"own","signature":"s1"},{"type":"redacted_thinking","data":"s3"},{"type":"text","text":"!"}]""");
        notes.Reasons.ShouldContain(r => r.What == "signature" && r.Lossy);
    }

    [Theory]
    [InlineData(Budgeted, 1.7, 0.9, "temperature:1", "top_p")]
    [InlineData(Old, 0.5, 0.9, "temperature:0.5 top_p:0.9", null)]
    [InlineData(Newest, 0.5, null, "", "temperature")]
    public void Write_Sampling_IsWhatTheModelTakes(string model, double temperature, double? topP, string expected, string? lost)
    {
        var notes = new ConversionNotes();

        JsonObject written = AnthropicWire.Write(Ask(model) with { Sampling = new Sampling { Temperature = temperature, TopP = topP } }, notes);

        string.Join(' ', new[] { "temperature", "top_p" }.Where(written.ContainsKey).Select(n => $"{n}:{written[n]}")).ShouldBe(expected);
        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).FirstOrDefault().ShouldBe(lost);
    }

    [Fact]
    public void Write_WhatAnthropicHasNot_IsNamedAsLost()
    {
        var notes = new ConversionNotes();

        AnthropicWire.Write(
            Ask(Budgeted) with
            {
                Sampling = new Sampling { Seed = 1, FrequencyPenalty = 1, PresencePenalty = 1, Choices = 2, Logprobs = true, Stop = [" ", "END"] },
                Metadata = new Dictionary<string, string> { ["team"] = "a" },
                ServiceTier = "flex",
                User = "u1",
                Tools = [new BuiltInTool(Wire.OpenAIResponses, "file_search", default)],
            },
            notes);

        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).ShouldBe(
            ["tool:file_search", "stop", "seed", "frequency_penalty", "presence_penalty", "choices", "logprobs", "metadata", "service_tier"], ignoreOrder: true);
    }

    [Fact]
    public void Write_JsonMode_IsAnInstructionAfterTheOthers()
    {
        GenerationRequest request = Ask(Budgeted) with { Instructions = [new TextPart("Be brief.")], Output = new OutputFormat(OutputFormatKind.JsonObject) };

        JsonArray system = AnthropicWire.Write(request)["system"]!.AsArray();

        system[0]!["text"]!.GetValue<string>().ShouldBe("Be brief.");
        system[1]!["text"]!.GetValue<string>().ShouldContain("one JSON object");
    }

    [Theory]
    [InlineData(Budgeted, true)]
    [InlineData(Old, false)]
    public void Write_ASchema_IsAFieldWhereTheModelHasItAndWordsElsewhere(string model, bool field)
    {
        GenerationRequest request = Ask(model) with { Output = new OutputFormat(OutputFormatKind.JsonSchema) { Schema = Json("""{"type":"object","properties":{"n":{"type":"integer","minimum":3}}}""") } };

        JsonObject written = AnthropicWire.Write(request);

        if (field)
        {
            written["output_config"]!["format"]!.ToJsonString().ShouldBe(
                """{"type":"json_schema","schema":{"type":"object","properties":{"n":{"type":"integer","description":"(minimum: 3)"}},"additionalProperties":false}}""");
        }
        else
        {
            written["system"]!.GetValue<string>().ShouldContain("\"minimum\":3");
        }
    }

    [Fact]
    public void Write_Tools_HaveASchemaWhateverCameAndAnOwnOneWhereVendorsHaveTheSame()
    {
        var notes = new ConversionNotes();
        GenerationRequest request = Ask(Budgeted) with
        {
            Tools =
            [
                new FunctionTool("bare"),
                new FunctionTool("typeless") { Parameters = Json("""{"properties":{}}""") },
                new FunctionTool("hidden"),
                new BuiltInTool(Wire.OpenAIResponses, "web_search", default) { Purpose = BuiltInPurpose.WebSearch },
            ],
            ToolChoice = new ToolChoice(ToolChoiceMode.Required) { Allowed = ["bare", "typeless"] },
            ParallelToolCalls = false,
        };

        JsonObject written = AnthropicWire.Write(request, notes);

        written["tools"]!.ToJsonString().ShouldBe(
            """[{"name":"bare","input_schema":{"type":"object","properties":{}}},{"name":"typeless","input_schema":{"type":"object","properties":{}}},{"type":"web_search_20250305","name":"web_search"}]""");
        written["tool_choice"]!.ToJsonString().ShouldBe("""{"type":"any","disable_parallel_tool_use":true}""");
        notes.Lossy.ShouldBeFalse();
    }

    [Fact]
    public void Write_Media_TakesWhatAnthropicTakesAndNamesTheRest()
    {
        var notes = new ConversionNotes();
        GenerationRequest request = Ask(Budgeted) with
        {
            Messages =
            [
                Message(
                    Role.User,
                    new MediaPart(MediaKind.Image, new MediaSource { MediaType = "image/jpg", Data = "AA==" }) { Detail = "low" },
                    new MediaPart(MediaKind.Image, new MediaSource { Url = "https://x/y.png" }),
                    new MediaPart(MediaKind.Document, new MediaSource { Data = "JVBERi0x" }) { Name = "a.pdf" },
                    new MediaPart(MediaKind.Document, new MediaSource { MediaType = "text/csv", Data = "YSxi" }),
                    new MediaPart(MediaKind.Document, new MediaSource { MediaType = "application/zip", Data = "AA==" }),
                    new MediaPart(MediaKind.Image, new MediaSource { MediaType = "image/tiff", Data = "AA==" }),
                    new MediaPart(MediaKind.Image, new MediaSource { Url = "gs://b/o" }),
                    new MediaPart(MediaKind.Document, new MediaSource { FileId = "file-1", Owner = Wire.OpenAIChat }),
                    new MediaPart(MediaKind.Audio, new MediaSource { Data = "AA==" })),
            ],
        };

        JsonArray content = AnthropicWire.Write(request, notes)["messages"]![0]!["content"]!.AsArray();

        content.Select(b => b!["source"]!.ToJsonString()).ShouldBe(
        [
            """{"type":"base64","media_type":"image/jpeg","data":"AA=="}""",
            """{"type":"url","url":"https://x/y.png"}""",
            """{"type":"base64","media_type":"application/pdf","data":"JVBERi0x"}""",
            """{"type":"text","media_type":"text/plain","data":"a,b"}""",
        ]);
        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).ShouldBe(["part:file", "part:image", "url", "file_id", "part:audio"], ignoreOrder: true);
        notes.Reasons.Where(r => !r.Lossy).Select(r => r.What).ShouldContain("detail");
    }

    [Fact]
    public void Write_InstructionsInTheMiddle_AreAMessageOfTheirOwnOnlyWhereTheModelKnowsThem()
    {
        GenerationRequest request = Ask(Newest) with { Messages = [Message(Role.User, new TextPart("a")), Message(Role.System, new TextPart("b"))] };

        AnthropicWire.Write(request)["messages"]![1]!["role"]!.GetValue<string>().ShouldBe("system");
        AnthropicWire.Write(request with { Model = Budgeted })["messages"]!.ToJsonString()
            .ShouldBe("""[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"<system>\nb\n</system>"}]}]""".Replace("<", "\\u003C", StringComparison.Ordinal).Replace(">", "\\u003E", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_InstructionsAlone_AreTheFirstMessage() =>
        AnthropicWire.Write(Ask(Budgeted) with { Instructions = [new TextPart("Say hi.")], Messages = [] })["messages"]!.ToJsonString()
            .ShouldBe("""[{"role":"user","content":"Say hi."}]""");

    [Fact]
    public void RoundTrip_SignaturesOfOtherVendors_SurviveAClientOfThisWire()
    {
        var answer = new GenerationResponse
        {
            Origin = Wire.Gemini,
            Candidates =
            [
                new Candidate(
                    0,
                    [
                        new ReasoningPart("hm") { Signature = "AAA", Origin = Wire.Gemini },
                        new ToolCallPart("call_1", "f", "{}") { Signature = "BBB" },
                    ],
                    FinishReason.ToolCalls),
            ],
        };
        JsonNode content = AnthropicWire.WriteAnswer(answer)["content"]!;

        GenerationRequest next = AnthropicWire.Read($$"""{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":{{content.ToJsonString()}}}]}""");

        next.Messages[0].Raw.ShouldBeNull();
        next.Messages[0].Parts.ShouldBe(answer.Candidates[0].Parts);
    }

    private static GenerationRequest Ask(string model) => new() { Model = model, Messages = [Message(Role.User, new TextPart("Hello"))], Origin = Wire.OpenAIChat };

    private static Message Message(Role role, params Part[] parts) => new(role, parts);

    private static System.Text.Json.JsonElement Json(string json) => JsonFields.TryParse(json);
}
