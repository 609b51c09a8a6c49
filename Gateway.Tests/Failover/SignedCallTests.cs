using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>
/// Two turns through clients of other wires in front of Gemini, which signs the first of two parallel calls and wants the signature
/// back. The clients keep what their wire's own types have, and no more.
/// </summary>
public sealed class SignedCallTests
{
    private const string Signature = "AVSoXO4Dx+/8AAA=";

    private const string Parts =
        """[{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"AVSoXO4Dx+/8AAA="},{"functionCall":{"name":"f","args":{"a":2}}}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("chat", false)]
    [InlineData("chat", true)]
    [InlineData("responses", false)]
    [InlineData("responses", true)]
    [InlineData("messages", false)]
    [InlineData("messages", true)]
    public async Task TwoTurns_ThroughAnotherWire_ReturnTheSignatureToItsCall(string wire, bool streamed)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => AnswerAsync(c, streamed));
        await using TestGateway gateway = await StartAsync(ProviderKind.Gemini, upstream);

        JsonArray calls = await CallsAsync(gateway, wire, streamed);
        calls.Count.ShouldBe(2);
        await gateway.PostAsync(SecondTurn(wire, calls, streamed), PathOf(wire));

        JsonNode contents = JsonNode.Parse(upstream.Seen.ElementAt(1).Body)!["contents"]!;
        JsonArray sent = contents[1]!["parts"]!.AsArray();
        sent.Select(p => p!["thoughtSignature"]?.GetValue<string>()).ShouldBe([Signature, null]);
        string[] ids = [.. sent.Select(p => p!["functionCall"]!["id"]!.GetValue<string>())];
        ids.ShouldAllBe(id => id.Length < 64 && !id.Contains("gw-", StringComparison.Ordinal));
        contents[2]!["parts"]!.AsArray().Select(p => p!["functionResponse"]!["id"]!.GetValue<string>()).ShouldBe(ids);
    }

    [Theory]
    [InlineData("chat", ProviderKind.OpenAICompatible, Answers.Chat)]
    [InlineData("messages", ProviderKind.Anthropic, """{"id":"m","type":"message","role":"assistant","model":"x","content":[],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}""")]
    [InlineData("responses", ProviderKind.OpenAI, """{"id":"r","object":"response","created_at":1,"status":"completed","model":"x","output":[],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}""")]
    public async Task ATurnOfGeminis_GoesOnAtAnotherVendor_WithoutTheSignature(string wire, ProviderKind kind, string answer)
    {
        await using ScriptedUpstream gemini = ScriptedUpstream.Start(c => AnswerAsync(c, streamed: false));
        await using TestGateway first = await StartAsync(ProviderKind.Gemini, gemini);
        JsonArray calls = await CallsAsync(first, wire, streamed: false);
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await StartAsync(kind, upstream);

        (await gateway.PostAsync(SecondTurn(wire, calls, streamed: false), PathOf(wire))).EnsureSuccessStatusCode();

        // OpenAI takes ids of up to 40 letters.
        string body = upstream.Seen.Single().Body;
        body.ShouldNotContain("gw-call-");
        body.ShouldNotContain("AVSoXO4D");
        calls.ShouldAllBe(c => body.Contains(SignedCallId.Read(IdOf(c!)).Id));
    }

    [Theory]
    [InlineData("call_1", "AVSoXO4Dx+/8AAA=")]
    [InlineData("", "YQ==")]
    [InlineData("a-b_c", "YQ")]
    [InlineData("a", "not base64 at all é")]
    [InlineData("a", "")]
    public void Id_OfASignedCall_GivesBothBack(string id, string signature)
    {
        string written = SignedCallId.Write(id, signature);

        written.ShouldMatch("^[a-zA-Z0-9_-]+$");
        SignedCallId.Read(written).ShouldBe((id, signature));
    }

    [Theory]
    [InlineData("gw-call-")]
    [InlineData("gw-call-b")]
    [InlineData("gw-call-b9-a")]
    [InlineData("gw-call-b-1-aYQ")]
    [InlineData("gw-call-b99999999999-a")]
    [InlineData("gw-call-b1-a?")]
    [InlineData("gw-call-x1-aYQ")]
    public void Id_ThatOnlyLooksSigned_StaysAsItIs(string id) => SignedCallId.Read(id).ShouldBe((id, null));

    private static async Task AnswerAsync(UpstreamConnection upstream, bool streamed)
    {
        string answer = $$"""{"candidates":[{"content":{"parts":{{Parts}},"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"responseId":"r1"}""";
        if (!streamed)
        {
            await upstream.JsonAsync(answer);
            return;
        }
        await upstream.StreamHeadAsync();
        await upstream.ChunkAsync($"data: {answer}\n\n");
        await upstream.EndAsync();
    }

    /// <summary>The calls as a client of the wire keeps them, from the first answer.</summary>
    private static async Task<JsonArray> CallsAsync(TestGateway gateway, string wire, bool streamed)
    {
        using HttpResponseMessage response = await gateway.PostAsync(FirstTurn(wire, streamed), PathOf(wire));
        string text = await response.Content.ReadAsStringAsync(Token);
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        List<JsonNode> events = streamed ? [.. text.Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l[6..])!)] : [JsonNode.Parse(text)!];
        return wire switch
        {
            "chat" when !streamed => Copy(events[0]["choices"]![0]!["message"]!["tool_calls"]!.AsArray(), "id", "type", "function"),
            "chat" => ChatCalls(events),
            "responses" => Copy((streamed ? events[^1]["response"]! : events[0])["output"]!.AsArray(), "type", "call_id", "name", "arguments"),
            _ when !streamed => Copy(events[0]["content"]!.AsArray(), "type", "id", "name", "input"),
            _ => Copy([.. events.Where(e => e["type"]!.GetValue<string>() == "content_block_start").Select(e => e["content_block"]!.DeepClone())], "type", "id", "name", "input"),
        };
    }

    // Put together as the official clients do: id, type and name from where they first stand.
    private static JsonArray ChatCalls(List<JsonNode> events)
    {
        var calls = new JsonArray();
        foreach (JsonNode delta in events.SelectMany(e => e["choices"]!.AsArray()).SelectMany(c => c!["delta"]!["tool_calls"]?.AsArray() ?? []).OfType<JsonNode>())
        {
            int index = delta["index"]!.GetValue<int>();
            if (index == calls.Count)
            {
                calls.Add(new JsonObject { ["id"] = delta["id"]!.DeepClone(), ["type"] = "function", ["function"] = delta["function"]!.DeepClone() });
                continue;
            }
            JsonNode function = calls[index]!["function"]!;
            function["arguments"] = function["arguments"]!.GetValue<string>() + delta["function"]?["arguments"]?.GetValue<string>();
        }
        return calls;
    }

    private static JsonArray Copy(JsonArray calls, params string[] fields) =>
        [.. calls.Select(c => new JsonObject(fields.Where(f => c![f] is not null).Select(f => KeyValuePair.Create(f, (JsonNode?)c![f]!.DeepClone()))))];

    private static string PathOf(string wire) => wire switch { "chat" => "/v1/chat/completions", "responses" => "/v1/responses", _ => "/v1/messages" };

    private static string IdOf(JsonNode call) => (call["call_id"] ?? call["id"])!.GetValue<string>();

    private static string FirstTurn(string wire, bool streamed) => Ask(wire, [], streamed);

    private static string SecondTurn(string wire, JsonArray calls, bool streamed)
    {
        JsonNode[] results = [.. calls.Select(c => wire switch
        {
            "chat" => (JsonNode)new JsonObject { ["role"] = "tool", ["tool_call_id"] = IdOf(c!), ["content"] = "ok" },
            "responses" => new JsonObject { ["type"] = "function_call_output", ["call_id"] = IdOf(c!), ["output"] = "ok" },
            _ => new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = IdOf(c!), ["content"] = "ok" },
        })];
        JsonNode[] turns = wire switch
        {
            "chat" => [new JsonObject { ["role"] = "assistant", ["tool_calls"] = calls.DeepClone() }, .. results],
            "responses" => [.. calls.Select(c => c!.DeepClone()), .. results],
            _ => [new JsonObject { ["role"] = "assistant", ["content"] = calls.DeepClone() }, new JsonObject { ["role"] = "user", ["content"] = new JsonArray([.. results]) }],
        };
        return Ask(wire, turns, streamed);
    }

    private static string Ask(string wire, JsonNode[] turns, bool streamed)
    {
        JsonNode schema = JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"integer"}}}""")!;
        var messages = new JsonArray([new JsonObject { ["role"] = "user", ["content"] = "go" }, .. turns]);
        JsonObject function = new() { ["name"] = "f", ["parameters"] = schema.DeepClone() };
        JsonNode tool = wire switch
        {
            "chat" => new JsonObject { ["type"] = "function", ["function"] = function },
            "responses" => new JsonObject { ["type"] = "function", ["name"] = "f", ["parameters"] = schema },
            _ => new JsonObject { ["name"] = "f", ["input_schema"] = schema },
        };
        var body = new JsonObject { ["model"] = "m", [wire == "responses" ? "input" : "messages"] = messages, ["tools"] = new JsonArray(tool), ["stream"] = streamed };
        if (wire == "messages")
        {
            body["max_tokens"] = 99;
        }
        return body.ToJsonString();
    }

    private static Task<TestGateway> StartAsync(ProviderKind kind, ScriptedUpstream upstream)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        return TestGateway.StartAsync(catalog with
        {
            Providers = [catalog.Providers[0] with { Kind = kind }],
            // Gemini 3 checks signatures.
            Models = [catalog.Models[0] with { ModelId = kind == ProviderKind.Gemini ? "gemini-3-flash" : "another" }],
        });
    }
}
