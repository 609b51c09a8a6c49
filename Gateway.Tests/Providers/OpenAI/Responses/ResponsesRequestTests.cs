using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.OpenAI.Responses;

public class ResponsesRequestTests
{
    [Fact]
    public void Read_ToolLoop_TurnsHoldTheItemsInARow()
    {
        GenerationRequest request = ResponsesWire.ReadRequest("""
            {"model":"m","instructions":"Be brief.","input":[
              {"role":"developer","content":"And kind."},
              {"role":"user","content":[{"type":"input_text","text":"Hi"},{"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"low"}]},
              {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"e"},
              {"type":"function_call","id":"fc_1","call_id":"c1","name":"a","arguments":"{}"},
              {"type":"function_call","id":"fc_2","call_id":"c2","name":"b","arguments":"{\"x\":1}"},
              {"type":"function_call_output","call_id":"c1","output":"one"},
              {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"two"},{"type":"input_file","file_id":"file_1"}]}]}
            """);

        request.Instructions.Cast<TextPart>().Select(p => p.Text).ShouldBe(["Be brief.", "And kind."]);
        request.Messages.Select(m => m.Role).ShouldBe([Role.User, Role.Assistant, Role.Tool]);
        request.Messages[0].Parts[1].ShouldBeOfType<MediaPart>().Source.ShouldBe(new MediaSource { MediaType = "image/png", Data = "AA==" });
        request.Messages[1].Parts[0].ShouldBeOfType<ReasoningPart>().Signature.ShouldBe("e");
        request.Messages[1].Parts.OfType<ToolCallPart>().Select(c => c.Id).ShouldBe(["c1", "c2"]);
        request.Messages[2].Parts.Cast<ToolResultPart>().Select(r => r.Name).ShouldBe(["a", "b"]);
        ((ToolResultPart)request.Messages[2].Parts[1]).Content[1].ShouldBeOfType<MediaPart>().Source.Owner.ShouldBe(Wire.OpenAIResponses);
    }

    [Fact]
    public void Read_CustomTool_IsAFunctionOfOneText()
    {
        GenerationRequest request = ResponsesWire.ReadRequest("""
            {"model":"m","tools":[{"type":"custom","name":"sql","description":"d","format":{"type":"text"}}],"tool_choice":{"type":"custom","name":"sql"},
             "input":[{"role":"user","content":"q"},{"type":"custom_tool_call","call_id":"c","name":"sql","input":"SELECT \"x\""},{"type":"custom_tool_call_output","call_id":"c","output":"1"}]}
            """);

        var tool = request.Tools[0].ShouldBeOfType<FunctionTool>();
        tool.Parameters.GetProperty("properties").GetProperty("input").GetProperty("type").GetString().ShouldBe("string");
        request.ToolChoice.ShouldBe(new ToolChoice(ToolChoiceMode.Named, "sql"));
        JsonDocument.Parse(((ToolCallPart)request.Messages[1].Parts[0]).ArgumentsJson).RootElement.GetProperty("input").GetString().ShouldBe("SELECT \"x\"");
        JsonElement written = ResponsesWire.WriteRequest(request with { Messages = [.. request.Messages.Select(m => m with { Raw = null })] });
        written.GetProperty("tools")[0].Text("type").ShouldBe("custom");
        written.GetProperty("tool_choice").Text("type").ShouldBe("custom");
        written.GetProperty("input")[1].Text("input").ShouldBe("SELECT \"x\"");
        written.GetProperty("input")[2].Text("type").ShouldBe("custom_tool_call_output");
    }

    [Fact]
    public void Read_Namespace_IsItsToolsEachWithBothNames()
    {
        GenerationRequest request = ResponsesWire.ReadRequest("""
            {"model":"m","tools":[{"type":"function","name":"shell"},
               {"type":"namespace","name":"mcp__docs","description":"d","tools":[{"type":"function","name":"search","parameters":{"type":"object"}},{"type":"custom","name":"sql"}]},
               {"type":"namespace","name":"mcp__mail__","tools":[{"type":"function","name":"search"}]}],
             "tool_choice":{"type":"function","name":"search","namespace":"mcp__mail__"},
             "input":[{"role":"user","content":"q"},{"type":"function_call","call_id":"c","name":"search","namespace":"mcp__docs","arguments":"{}"},
               {"type":"custom_tool_call","call_id":"d","name":"sql","namespace":"mcp__docs","input":"SELECT 1"},
               {"type":"function_call_output","call_id":"c","output":"1"},{"type":"custom_tool_call_output","call_id":"d","output":"1"}]}
            """);

        request.Tools.Cast<FunctionTool>().Select(t => t.Name).ShouldBe(["shell", "mcp__docs__search", "mcp__docs__sql", "mcp__mail__search"]);
        ((FunctionTool)request.Tools[1]).Parameters.Text("type").ShouldBe("object");
        request.ToolChoice.ShouldBe(new ToolChoice(ToolChoiceMode.Named, "mcp__mail__search"));
        request.Messages[1].Parts.Cast<ToolCallPart>().Select(c => c.Name).ShouldBe(["mcp__docs__search", "mcp__docs__sql"]);
        JsonElement written = ResponsesWire.WriteRequest(request with { Messages = [.. request.Messages.Select(m => m with { Raw = null })] });
        written.Items("tools").Select(t => t.Text("name")).ShouldBe(["shell", "mcp__docs", "mcp__mail__"]);
        written.Items("tools").ElementAt(1).Items("tools").Count().ShouldBe(2);
        written.GetProperty("tool_choice").Text("namespace").ShouldBe("mcp__mail__");
        JsonElement[] calls = [.. written.Items("input").Where(i => i.Text("name") is not null)];
        calls.Select(c => $"{c.Text("type")} {c.Text("namespace")} {c.Text("name")}").ShouldBe(["function_call mcp__docs search", "custom_tool_call mcp__docs sql"]);
    }

    [Fact]
    public void Read_NamespaceOfAToolThatStandsByItself_IsNoPartOfItsName() =>
        ((ToolCallPart)ResponsesWire.ReadRequest("""{"model":"m","input":[{"type":"function_call","call_id":"c","name":"rate","namespace":"rate","arguments":"{}"}]}""")
            .Messages[0].Parts[0]).Name.ShouldBe("rate");

    [Fact]
    public void Read_LongNamesInANamespace_FitAndStayApart()
    {
        string space = "mcp__" + new string('n', 50);
        GenerationRequest request = ResponsesWire.ReadRequest($$"""
            {"model":"m","input":"x","tools":[{"type":"namespace","name":"{{space}}","tools":[{"type":"function","name":"list_all"},{"type":"function","name":"list_allowed"}]}]}
            """);

        string[] names = [.. request.Tools.Cast<FunctionTool>().Select(t => t.Name)];
        names[0].ShouldNotBe(names[1]);
        names.ShouldAllBe(n => n.Length <= 64 && n.StartsWith(space));
    }

    [Fact]
    public void Write_UserOfMoreThan64Characters_IsItsHash()
    {
        string user = "{\"device_id\":\"" + new string('0', 64) + "\",\"account_uuid\":\"\"}";
        var request = new GenerationRequest { Model = "m", Messages = [], User = user, Origin = Wire.AnthropicMessages };

        ResponsesWire.WriteRequest(request).Text("user").ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user))));
        ResponsesWire.WriteRequest(request with { User = user[..64] }).Text("user").ShouldBe(user[..64]);
    }

    [Fact]
    public void Read_SignatureOfAnotherVendor_IsItsOwnAgainAndNeverSentToOpenAI()
    {
        GenerationRequest request = ResponsesWire.ReadRequest($$"""
            {"model":"m","input":[
              {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"gw.anthropic-messages.sig=="},
              {"type":"function_call","id":"fc_1","call_id":"{{SignedCallId.Write("c1", "thought")}}","name":"a","arguments":"{}"}]}
            """);

        request.Messages[0].Parts[0].ShouldBe(new ReasoningPart("Hm.") { Signature = "sig==", Origin = Wire.AnthropicMessages, Id = "rs_1" });
        ((ToolCallPart)request.Messages[0].Parts[1]).Signature.ShouldBe("thought");
        var notes = new ConversionNotes();
        JsonElement written = ResponsesWire.WriteRequest(request, notes);
        written.GetRawText().ShouldNotContain("gw.");
        written.GetRawText().ShouldNotContain("gw-call-");
        written.GetProperty("input").GetArrayLength().ShouldBe(1);
        notes.Reasons.ShouldContain(r => r.What == "signature" && r.Lossy);
    }

    [Fact]
    public void Read_DefaultsSpelledOut_AreNoExtensions()
    {
        GenerationRequest request = ResponsesWire.ReadRequest("""
            {"model":"m","input":"hi","truncation":"disabled","background":false,"conversation":null,"text":{"format":{"type":"text"}},"include":["reasoning.encrypted_content"]}
            """);

        request.Extensions.ShouldAllBe(e => e.TunesOnly);
    }

    [Theory]
    [InlineData("""{"model":"m","input":7}""", "input")]
    [InlineData("""{"model":"m","input":[7]}""", "input")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":7}]}""", "input")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]}""", "input")]
    [InlineData("""{"model":"m","tools":[{"type":"function"}]}""", "tools")]
    public void Read_WrongShape_NamesTheField(string json, string param) =>
        Should.Throw<GenerationFormatException>(() => ResponsesWire.ReadRequest(json)).Param.ShouldBe(param);

    [Fact]
    public void Write_RequestOfAnotherWire_IsWhatOpenAIAccepts()
    {
        var request = new GenerationRequest
        {
            Model = "m",
            Instructions = [new TextPart("a"), new TextPart("b")],
            Messages =
            [
                new Message(Role.User, [new TextPart("look"), new MediaPart(MediaKind.Document, new MediaSource { Text = "plain" })]),
                new Message(Role.Assistant,
                [
                    new ReasoningPart("foreign") { Signature = "s", Origin = Wire.AnthropicMessages },
                    new TextPart("I will"),
                    new ToolCallPart("c1", "f", ""),
                ]),
                new Message(Role.Tool, [new ToolResultPart("c1", [new TextPart("42")]) { IsError = true }]),
            ],
            Tools = [new FunctionTool("f"), new BuiltInTool(Wire.Gemini, "google_search", default) { Purpose = BuiltInPurpose.WebSearch }],
            ToolChoice = new ToolChoice(ToolChoiceMode.Required) { Allowed = ["f"] },
            Sampling = new Sampling { MaxOutputTokens = 1, Stop = ["x"], Seed = 1, TopK = 2 },
            Reasoning = new ReasoningSettings { BudgetTokens = 9000, IncludeThoughts = true },
            Output = new OutputFormat(OutputFormatKind.JsonSchema) { Schema = ResponsesWire.Parse("""{"type":"object"}""") },
            Extensions = [new VendorExtension(Wire.OpenAIChat, "verbosity", ResponsesWire.Parse("\"low\"")), new VendorExtension(Wire.AnthropicMessages, "container", ResponsesWire.Parse("1"))],
            Origin = Wire.AnthropicMessages,
        };
        var notes = new ConversionNotes();

        JsonElement json = ResponsesWire.WriteRequest(request, notes);

        JsonDifference.Find(ResponsesWire.Parse("""
            {"model":"m","instructions":"a\n\nb","input":[
              {"type":"message","role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_file","filename":"document.txt","file_data":"data:text/plain;base64,cGxhaW4="}]},
              {"type":"message","role":"assistant","content":"I will"},
              {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},
              {"type":"function_call_output","call_id":"c1","output":"42"}],
             "tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}},"strict":false},{"type":"web_search"}],
             "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]},
             "text":{"format":{"type":"json_schema","name":"answer","schema":{"type":"object"}},"verbosity":"low"},
             "max_output_tokens":16,"reasoning":{"effort":"high","summary":"auto"},"include":["reasoning.encrypted_content"],"store":false}
            """), json).ShouldBeNull();
        notes.Reasons.Where(r => r.Lossy).Select(r => r.What).ShouldBe(["signature", "top_k", "stop", "seed", "container"], ignoreOrder: true);
        notes.Reasons.Where(r => !r.Lossy).Select(r => r.What).ShouldBe(["is_error", "tool:google_search", "max_output_tokens", "reasoning"], ignoreOrder: true);
    }
}
