using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Playground;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components.Playground;

public sealed class PlayPartsTests : BunitContext
{
    public PlayPartsTests() => Services.AddScoped<Show>();

    [Theory]
    [InlineData("""[{"name":"a","parameters":{"type":"object"}}]""")]
    [InlineData("""{"type":"function","function":{"name":"a","parameters":{"type":"object"}}}""")]
    [InlineData("""[{"name":"a","input_schema":{"type":"object"}}]""")]
    [InlineData("""[{"functionDeclarations":[{"name":"a","parameters":{"type":"object"}}]}]""")]
    public void Tools_InAnyShape_AreRead(string json)
    {
        ToolList.TryRead(json, out IReadOnlyList<ToolDefinition> tools).ShouldBeNull();
        var tool = (FunctionTool)tools.ShouldHaveSingleItem();
        (tool.Name, tool.Parameters.GetRawText()).ShouldBe(("a", """{"type":"object"}"""));
    }

    [Theory]
    [InlineData("[{", "line 1")]
    [InlineData("[{}]", "no name")]
    [InlineData("""[{"name":"a"},{"name":"a"}]""", "two tools")]
    [InlineData("""[{"name":"a","parameters":5}]""", "schema")]
    public void Tools_ThatAreWrong_SayHow(string json, string says) => ToolList.TryRead(json, out _).ShouldNotBeNull().ShouldContain(says);

    [Fact]
    public void Request_HoldsOnlyWhatWasSet_InEveryProtocol()
    {
        var settings = new PlaySettings { Temperature = 0.3, Stop = "END\n", Stream = false };
        GenerationRequest request = settings.ToRequest("m", [new Message(Role.User, [new TextPart("Hi")])]);

        JsonObject chat = Body(WireRequest.Of(Wire.OpenAIChat, request));
        chat.Select(p => p.Key).ShouldBe(["model", "messages", "temperature", "stop"], ignoreOrder: true);
        Body(WireRequest.Of(Wire.Gemini, request, "r"))["omni_route"]!.GetValue<string>().ShouldBe("r");
        WireRequest.Of(Wire.Gemini, request).Path.ShouldBe("/v1beta/models/m:generateContent");
        Body(WireRequest.Of(Wire.AnthropicMessages, request)).ShouldContainKey("max_tokens");
        WireRequest.Of(Wire.OpenAIResponses, request).Notes.ShouldContain(n => n.Lossy && n.What == "stop");
    }

    [Fact]
    public void Conversation_OverATool_GoesOnWithItsResult()
    {
        var trial = new Trial("m");
        trial.Turns.Add(new ChatTurn("Weather?") { Running = false, Message = new Message(Role.Assistant, [new ToolCallPart("call_1", "weather", "{\"city\":\"Oslo\"}")]) });
        trial.OpenCalls.ShouldHaveSingleItem().Name.ShouldBe("weather");
        trial.Turns.Add(new ChatTurn("") { Results = [new ToolResultPart("call_1", [new TextPart("rain")]) { Name = "weather" }] });

        JsonArray messages = Body(WireRequest.Of(Wire.OpenAIChat, new PlaySettings().ToRequest("m", trial.ToMessages())))["messages"]!.AsArray();

        messages.Select(m => m!["role"]!.GetValue<string>()).ShouldBe(["user", "assistant", "tool"]);
        messages[2]!["tool_call_id"]!.GetValue<string>().ShouldBe("call_1");
    }

    [Fact]
    public void Code_ForEveryProtocol_HoldsTheExactRequest()
    {
        GenerationRequest request = new PlaySettings { Stream = true }.ToRequest("m", [new Message(Role.User, [new TextPart("Say \"\"\" and 'x'")])]);
        foreach (Wire wire in PlayOptions.Offered)
        {
            WireRequest sent = WireRequest.Of(wire, request);
            var snippets = RequestCode.Of(sent, "https://gw.example");
            snippets.Select(s => s.Title).ShouldBe(["curl", "Python", "TypeScript", "C#"]);
            snippets.ShouldAllBe(s => s.Code.Contains("https://gw.example" + sent.Path) && s.Code.Contains("GATEWAY_API_KEY") && !s.Code.Contains("$KEY"));
            snippets[0].Code.ShouldContain(sent.Json);
        }
        RequestCode.Of(WireRequest.Of(Wire.OpenAIChat, request), "https://gw.example", "summary").ShouldAllBe(s => s.Code.Contains("x-gateway-events"));
    }

    [Theory]
    [InlineData("""{"a":1,"b":["x"]}""", "")]
    [InlineData("""{"a":1.5,"b":[]}""", "$.a")]
    [InlineData("""{"b":["x"]}""", "$.a")]
    [InlineData("""{"a":11,"b":[1],"c":0}""", "$.a $.b[0] $.c")]
    [InlineData("""[]""", "$")]
    public void Schema_HeldAgainstAnAnswer_NamesWhatDoesNotFit(string answer, string paths)
    {
        JsonElement schema = JsonElement.Parse("""
            {"type":"object","properties":{"a":{"type":"integer","maximum":10},"b":{"type":"array","items":{"$ref":"#/$defs/word"}}},
             "required":["a"],"additionalProperties":false,"$defs":{"word":{"type":"string","minLength":1}}}
            """);
        string.Join(' ', SchemaCheck.Check(schema, JsonElement.Parse(answer)).Select(p => p.Path)).ShouldBe(paths);
    }

    [Fact]
    public void Schema_ThatRefersToItself_Ends() =>
        SchemaCheck.Check(JsonElement.Parse("""{"$ref":"#"}"""), JsonElement.Parse("1")).ShouldBeEmpty();

    [Fact]
    public async Task StructuredAnswer_SaysWhetherItFits_AsTreeOrText()
    {
        IRenderedComponent<StructuredAnswer> answer = Render<StructuredAnswer>(p => p.Add(a => a.Schema, """{"required":["city"]}""").Add(a => a.Text, """{"city":"Oslo"}"""));
        answer.Find(".badge.good").TextContent.ShouldContain("Fits");
        answer.Find(".json-tree").TextContent.ShouldContain("Oslo");
        await answer.PressAsync("JSON");
        answer.Find("pre").TextContent.ShouldBe("{\n  \"city\": \"Oslo\"\n}".ReplaceLineEndings());

        answer.Render(p => p.Add(a => a.Text, "{}"));
        answer.Find(".problems").TextContent.ShouldContain("$.city");
        answer.Render(p => p.Add(a => a.Text, "no json"));
        answer.Find(".problems").TextContent.ShouldContain("not valid JSON");
    }

    [Fact]
    public void LongData_OfAPicture_IsCutOutOfWhatIsShown()
    {
        string shown = LongData.Shorten("{\"url\":\"data:image/png;base64," + new string('A', 5000) + "\"}");
        shown.Length.ShouldBeLessThan(200);
        shown.ShouldContain("5000 characters");
    }

    [Fact]
    public void KeptConversation_Reopened_IsWhatItWas()
    {
        var trial = new Trial("m");
        trial.Turns.Add(new ChatTurn("Hi") { Images = ["data:image/png;base64,AAAA"], Running = false, Message = new Message(Role.Assistant, [new ReasoningPart("Hm."), new TextPart("Hello"), new ToolCallPart("1", "f", "{}")]) });
        var settings = new PlaySettings { Wire = Wire.Gemini, System = "Be brief.", Seed = 3, Tools = ToolList.Example };

        var again = new PlaySettings();
        IReadOnlyList<Trial> reopened = KeptConversation.Open(KeptConversation.Of(settings, [trial]), again);

        (again.Wire, again.System, again.Seed, again.Tools, again.Temperature).ShouldBe((Wire.Gemini, "Be brief.", 3, ToolList.Example, null));
        ChatTurn turn = reopened.ShouldHaveSingleItem().Turns.ShouldHaveSingleItem();
        (turn.Question, turn.Answer, turn.Reasoning, turn.Images.Count, turn.Running).ShouldBe(("Hi", "Hello", "Hm.", 1, false));
        reopened[0].OpenCalls.Count.ShouldBe(1);
        KeptConversation.NameOf(reopened).ShouldBe("Hi");
    }

    [Fact]
    public void Options_OfAKeyThatIsGone_ShowNoOtherAsIfItWereChosen()
    {
        IRenderedComponent<PlayOptions> options = Render<PlayOptions>(p => p
            .Add(o => o.Settings, new PlaySettings()).Add(o => o.Keys, () => []).Add(o => o.Models, []).Add(o => o.Routes, [])
            .Add(o => o.KeyId, "gone").Add(o => o.Errors, [new CatalogError(PlaygroundPage.KeyPath, "It is gone.")]));
        options.Find("#play-key").GetAttribute("value").ShouldBe("the chosen key is gone: choose one");
        options.Markup.ShouldContain("It is gone.");
    }

    [Fact]
    public void Answer_WithSummaries_ShowsTheCostOfAllItsCallsAndLeadsToThem()
    {
        UsageRecord Call(long cost) => new() { RequestId = "order-7", Cost = new NanoUsd(cost * 1_000_000_000), Usage = new(UsageSource.Reported, 10, 0, 0, 5, 0), TimeToFirstTokenUs = 1000 };
        var turn = new ChatTurn("Why?") { Running = false, Summaries = new SummaryTexts(), Record = Call(1), RecordId = Guid.NewGuid(), SummaryRecords = [Call(2), Call(3)], FirstTokenAt = TimeSpan.FromSeconds(2), Took = TimeSpan.FromSeconds(3) };
        IRenderedComponent<ChatBubbles> bubbles = Render<ChatBubbles>(p => p.Add(b => b.Turn, turn));
        string metrics = bubbles.Find(".metrics").TextContent;
        metrics.ShouldContain("TTFT 2 s");
        metrics.ShouldContain("3 s");
        metrics.ShouldContain("$6.00");
        Uri.UnescapeDataString(bubbles.Find(".metrics a").GetAttribute("href")!).ShouldContain("q=id:order-7");
        turn.SummaryRecords = [Call(2), new UsageRecord { RequestId = "order-7" }];
        turn.Cost.ShouldBeNull();
    }

    private static JsonObject Body(WireRequest request) => JsonNode.Parse(request.Json)!.AsObject();
}
