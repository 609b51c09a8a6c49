using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;
using Shouldly;
using Xunit;
using static Gateway.Tests.Providers.Gemini.GeminiConversion;

namespace Gateway.Tests.Providers.Gemini;

public sealed class GeminiRequestTests
{
    private static readonly FunctionTool Weather = new("weather") { Parameters = Json("""{"type":"object","properties":{"city":{"type":"string"}}}""") };

    private static GenerationRequest Asking(string model, params Message[] messages) => new() { Model = model, Messages = messages };

    private static Message User(string text) => new(Role.User, [new TextPart(text)]);

    [Theory]
    [InlineData("""
        {"contents":[{"parts":[{"text":"Hi"},{"inlineData":{"mimeType":"image/png","data":"_-8"}}]}],"systemInstruction":{"parts":[{"text":"Be brief."}]},
         "generationConfig":{"maxOutputTokens":9,"topK":"3","stopSequences":["x"],"responseMimeType":"application/json","thinkingConfig":{"thinkingBudget":0}}}
        """)]
    [InlineData("""
        {"contents":{"role":"user","parts":[{"text":"Hi"},{"inline_data":{"mime_type":"image/png","data":"_-8"}}]},"system_instruction":{"parts":{"text":"Be brief."}},
         "generation_config":{"max_output_tokens":"9","top_k":3,"stop_sequences":"x","response_mime_type":"application/json","thinking_config":{"thinking_budget":0}}}
        """)]
    public void ReadRequest_EitherSpelling_MeansTheSame(string json)
    {
        GenerationRequest request = ReadRequest(json);

        request.Messages.ShouldHaveSingleItem().Role.ShouldBe(Role.User);
        request.Messages[0].Parts[1].ShouldBeOfType<MediaPart>().Source.ShouldBe(new MediaSource { MediaType = "image/png", Data = "/+8=" });
        request.Instructions.ShouldHaveSingleItem().ShouldBeOfType<TextPart>().Text.ShouldBe("Be brief.");
        (request.Sampling.MaxOutputTokens, request.Sampling.TopK, request.Sampling.Stop.Single()).ShouldBe((9, 3, "x"));
        request.Output!.Kind.ShouldBe(OutputFormatKind.JsonObject);
        request.Reasoning!.Enabled.ShouldBe(false);
        request.Extensions.ShouldBeEmpty();
    }

    [Fact]
    public void ReadRequest_CallsWithoutIds_AreMatchedByNameInOrder()
    {
        GenerationRequest request = ReadRequest("""
            {"contents":[
              {"role":"model","parts":[{"functionCall":{"name":"a","args":{"n":1}}},{"functionCall":{"name":"b"}},{"functionCall":{"name":"a","args":{"n":2}}}]},
              {"role":"function","parts":[{"functionResponse":{"name":"a","response":{"result":"one"}}},{"functionResponse":{"name":"a","response":{"x":2}}},
                {"functionResponse":{"name":"b","response":{"error":"no"}}}]}]}
            """);

        List<ToolCallPart> calls = [.. request.Messages[0].Parts.Cast<ToolCallPart>()];
        List<ToolResultPart> results = [.. request.Messages[1].Parts.Cast<ToolResultPart>()];
        calls.Select(c => c.Id).Distinct().Count().ShouldBe(3);
        calls[1].ArgumentsJson.ShouldBe("{}");
        results.Select(r => r.CallId).ShouldBe([calls[0].Id, calls[2].Id, calls[1].Id]);
        results.Select(r => (r.Text, r.IsError)).ShouldBe([("one", false), ("{\"x\":2}", false), ("no", true)]);
        // What had no id gets none on the way back.
        WriteRequest(request).GetRawText().ShouldNotContain("\"id\"");
    }

    [Fact]
    public void ReadRequest_ResultAndQuestionInOneTurn_BecomesTwoMessages()
    {
        GenerationRequest request = ReadRequest("""
            {"contents":[{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"a","response":{"output":"x"}}},{"text":"And now?"}]}]}
            """);
        request.Messages.Select(m => m.Role).ShouldBe([Role.Tool, Role.User]);
    }

    [Fact]
    public void ReadRequest_TurnKeptChunkByChunk_IsOneMessage()
    {
        GenerationRequest request = ReadRequest("""
            {"contents":[{"role":"user","parts":[{"text":"Weather?"}]},
              {"role":"model","parts":[{"text":"I ","thought":true}]},{"role":"model","parts":[{"text":"look.","thought":true}]},
              {"role":"model","parts":[{"functionCall":{"name":"a"},"thoughtSignature":"c2ln"}]},{"role":"model","parts":[{"functionCall":{"name":"b"}}]},{"role":"model","parts":[{"text":""}]},
              {"role":"function","parts":[{"functionResponse":{"name":"a","response":{}}}]},{"role":"function","parts":[{"functionResponse":{"name":"b","response":{}}}]},
              {"role":"user","parts":[{"text":"1"}]},{"role":"user","parts":[{"text":"2"}]}]}
            """);

        request.Messages.Select(m => m.Role).ShouldBe([Role.User, Role.Assistant, Role.Tool, Role.User, Role.User]);
        request.Messages[1].Parts.Select(p => p.GetType().Name).ShouldBe(["ReasoningPart", "ToolCallPart", "ToolCallPart"]);
        request.Messages[1].Parts[0].ShouldBeOfType<ReasoningPart>().Text.ShouldBe("I look.");
        WriteRequest(request).GetProperty("contents")[1].GetProperty("parts").GetArrayLength().ShouldBe(5);
    }

    [Theory]
    [InlineData("""{"contents":[7]}""", "contents[0]")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"system","parts":[{"text":"b"}]}]}""", "contents[1].role")]
    public void ReadRequest_WrongShapes_NameTheField(string json, string param) =>
        Should.Throw<GenerationFormatException>(() => ReadRequest(json)).Param.ShouldBe(param);

    [Fact]
    public void WriteRequest_ParallelResultsOfAnotherWire_StandInOneTurn()
    {
        GenerationRequest request = Asking(
            "gemini-2.5-flash",
            User("Weather?"),
            new Message(Role.Assistant, [new ToolCallPart("c1", "weather", """{"city":"Oslo"}"""), new ToolCallPart("c2", "weather", "not json")]),
            new Message(Role.Tool, [new ToolResultPart("c1", [new TextPart("rain")]) { Name = "weather" }]),
            new Message(Role.Tool, [new ToolResultPart("c2", [new TextPart("broken")]) { Name = "weather", IsError = true }]),
            User("Well?"));

        JsonElement body = WriteRequest(request with { Tools = [Weather] });

        body.GetProperty("contents").GetArrayLength().ShouldBe(4);
        Normal(body.GetProperty("contents")[1].GetProperty("parts")).ShouldBe(Normal(Json("""
            [{"functionCall":{"id":"c1","name":"weather","args":{"city":"Oslo"}}},{"functionCall":{"id":"c2","name":"weather","args":{"_arguments":"not json"}}}]
            """)));
        Normal(body.GetProperty("contents")[2]).ShouldBe(Normal(Json("""
            {"role":"user","parts":[{"functionResponse":{"id":"c1","name":"weather","response":{"result":"rain"}}},
              {"functionResponse":{"id":"c2","name":"weather","response":{"error":"broken"}}}]}
            """)));
    }

    [Theory]
    [InlineData("gemini-3-flash-preview", true)]
    [InlineData("gemini-flash-latest", true)]
    [InlineData("gemini-2.5-pro", false)]
    public void WriteRequest_UnsignedCallsInTheHistory_AreMarkedForModelsThatCheck(string model, bool marked)
    {
        JsonElement parts = WriteRequest(Asking(model, new Message(Role.Assistant, [new ToolCallPart("1", "a", "{}"), new ToolCallPart("2", "b", "{}")])))
            .GetProperty("contents")[0].GetProperty("parts");

        parts[0].TryGetProperty("thoughtSignature", out _).ShouldBe(marked);
        parts[1].TryGetProperty("thoughtSignature", out _).ShouldBeFalse();
    }

    [Fact]
    public void WriteRequest_Signatures_GoOnlyToTheirOwnVendor()
    {
        var notes = new ConversionNotes();
        JsonElement parts = WriteRequest(
            Asking("gemini-3-pro", new Message(
                Role.Assistant,
                [
                    new ReasoningPart("mine") { Signature = "c2ln", Origin = Wire.Gemini },
                    new ReasoningPart("another's") { Signature = "zzz", Origin = Wire.AnthropicMessages },
                    new TextPart("Hello"),
                    new ToolCallPart("1", "a", "{}") { Signature = "Y2FsbA==" },
                ])),
            notes).GetProperty("contents")[0].GetProperty("parts");

        Normal(parts).ShouldBe(Normal(Json("""
            [{"text":"mine","thought":true,"thoughtSignature":"c2ln"},{"text":"Hello"},{"functionCall":{"id":"1","name":"a","args":{}},"thoughtSignature":"Y2FsbA=="}]
            """)));
        notes.Reasons.ShouldHaveSingleItem().What.ShouldBe("signature");
    }

    [Theory]
    [InlineData("gemini-2.5-flash", """{"thinkingBudget":8192}""")]
    [InlineData("gemini-3-pro-preview", """{"thinkingLevel":"medium"}""")]
    [InlineData("gemini-2.0-flash", null)]
    public void WriteRequest_Effort_IsSaidInTheModelsOwnWay(string model, string? expected)
    {
        var notes = new ConversionNotes();
        JsonElement config = WriteRequest(Asking(model, User("Hi")) with { Reasoning = new ReasoningSettings { Effort = ReasoningEffort.Medium } }, notes)
            .GetProperty("generationConfig");

        (config.TryGetProperty("thinkingConfig", out JsonElement thinking) ? thinking.GetRawText() : null).ShouldBe(expected);
        notes.Lossy.ShouldBe(expected is null);
    }

    [Fact]
    public void WriteRequest_ChoiceAmongAllowedFunctions_DeclaresOnlyThose()
    {
        GenerationRequest request = Asking("gemini-2.5-flash", User("Hi")) with
        {
            Tools = [Weather, new FunctionTool("other")],
            ToolChoice = new ToolChoice(ToolChoiceMode.Auto) { Allowed = ["other"] },
        };
        JsonElement body = WriteRequest(request);
        body.GetProperty("tools")[0].GetProperty("functionDeclarations").EnumerateArray().ShouldHaveSingleItem().GetProperty("name").GetString().ShouldBe("other");

        body = WriteRequest(request with { ToolChoice = new ToolChoice(ToolChoiceMode.Named, "weather") });
        body.GetProperty("toolConfig").GetRawText().ShouldBe("""{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["weather"]}}""");
    }

    [Theory]
    [InlineData("gemini-2.5-flash", false)]
    [InlineData("gemini-3-flash", true)]
    public void WriteRequest_AnothersWebSearchBesideFunctions_NeedsGemini3(string model, bool carried)
    {
        var notes = new ConversionNotes();
        var search = new BuiltInTool(Wire.AnthropicMessages, "web_search_20250305", Json("{}")) { Purpose = BuiltInPurpose.WebSearch };
        JsonElement body = WriteRequest(Asking(model, User("Hi")) with { Tools = [Weather, search] }, notes);

        body.GetProperty("tools").GetArrayLength().ShouldBe(carried ? 2 : 1);
        body.TryGetProperty("toolConfig", out JsonElement config).ShouldBe(carried);
        notes.Lossy.ShouldBe(!carried);
        if (carried)
        {
            config.GetProperty("includeServerSideToolInvocations").GetBoolean().ShouldBeTrue();
        }
    }

    [Fact]
    public void WriteRequest_WhatGeminiHasNot_IsNamed()
    {
        var notes = new ConversionNotes();
        WriteRequest(
            Asking("gemini-2.5-flash", User("Hi")) with
            {
                Metadata = new Dictionary<string, string> { ["a"] = "b" },
                User = "u",
                ServiceTier = "flex",
                Tools = [Weather],
                ParallelToolCalls = false,
                Sampling = new Sampling { Stop = ["1", "2", "3", "4", "5", "6"], Seed = 1L << 40 },
                Extensions = [new VendorExtension(Wire.OpenAIChat, "logit_bias", Json("{}"))],
                Messages = [new Message(Role.User, [new MediaPart(MediaKind.Document, new MediaSource { FileId = "file-1", Owner = Wire.OpenAIResponses })])],
            },
            notes);

        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).Order(StringComparer.Ordinal)
            .ShouldBe(["file_id", "logit_bias", "metadata", "parallel_tool_calls", "service_tier", "stop", "user"]);
        notes.Reasons.Where(r => !r.Lossy).Select(r => r.What).ShouldBe(["seed"]);
    }

    [Fact]
    public void WriteRequest_FieldsOfItsOwnWire_AreWrittenBackWhereTheyStood()
    {
        const string Body = """
            {"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],
             "labels":{"team":"a"},"cachedContent":"cachedContents/1","generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{}}},
             "toolConfig":{"retrievalConfig":{"languageCode":"de"}}}
            """;
        Normal(WriteRequest(ReadRequest(Body))).ShouldBe(Normal(Json(Body)));
    }
}
