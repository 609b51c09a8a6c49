using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Guardrails;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Guardrails;

/// <summary>Answers that hold what is not passed on, for each wire, as bytes and translated, whole and streamed.</summary>
public sealed class AnswerGuardTests
{
    private const string GeminiPath = "/v1beta/models/m:streamGenerateContent?alt=sse";
    private const string GeminiArrayPath = "/v1beta/models/m:streamGenerateContent";
    private static readonly string[] Cut = ["Hello the ", "sec", "ret wo", "rd, and more"];
    private static readonly string[] Whole = ["Hello the ", "sec", "ret wo", "od", " is a secret"];

    private static readonly GatewayOptions Options = new()
    {
        MaxRetries = 0,
        Guardrails = new GuardrailSettings { Answers = BannedWords.Of(["secret word"]) },
    };

    /// <summary>Path, kind of the upstream, and what the end says.</summary>
    public static TheoryData<string, ProviderKind, string> Ends => new()
    {
        { "/v1/chat/completions", ProviderKind.OpenAICompatible, "\"finish_reason\":\"content_filter\"" },
        { "/v1/chat/completions", ProviderKind.Anthropic, "\"finish_reason\":\"content_filter\"" },
        { "/v1/completions", ProviderKind.OpenAICompatible, "\"finish_reason\":\"content_filter\"" },
        { "/v1/messages", ProviderKind.Anthropic, "\"stop_reason\":\"refusal\"" },
        { "/v1/messages", ProviderKind.OpenAICompatible, "\"stop_reason\":\"refusal\"" },
        { "/v1/responses", ProviderKind.OpenAI, "\"reason\":\"content_filter\"" },
        { "/v1/responses", ProviderKind.Anthropic, "\"reason\":\"content_filter\"" },
        { GeminiPath, ProviderKind.Gemini, "\"finishReason\":\"SAFETY\"" },
        { GeminiArrayPath, ProviderKind.Gemini, "\"finishReason\":\"SAFETY\"" },
        { GeminiPath, ProviderKind.OpenAICompatible, "\"finishReason\":\"SAFETY\"" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Stream_WithAWordInPieces_EndsBeforeIt(string path, ProviderKind kind, string end)
    {
        await using ScriptedUpstream upstream = Streaming(kind, path, Cut);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, kind), Options);

        using HttpResponseMessage response = await gateway.PostAsync(BodyFor(path), path);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        text.ShouldContain("Hello the ");
        text.ShouldNotContain("sec");
        text.ShouldNotContain("rd, and more");
        text.ShouldContain(end);
        text.ShouldNotContain("\"error\":{");
        text.Split(end).Length.ShouldBe(2, "said once");
        foreach (JsonElement sent in EventsOf(text, path == GeminiArrayPath))
        {
            sent.ValueKind.ShouldBe(JsonValueKind.Object);
        }
        (path switch
        {
            "/v1/chat/completions" or "/v1/completions" => text.TrimEnd().EndsWith("data: [DONE]", StringComparison.Ordinal),
            "/v1/messages" => text.Contains("content_block_stop", StringComparison.Ordinal) && text.TrimEnd().EndsWith("{\"type\":\"message_stop\"}", StringComparison.Ordinal),
            "/v1/responses" => EventsOf(text, false)[^1].GetProperty("type").GetString() == "response.incomplete",
            _ => true,
        }).ShouldBeTrue(text);
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Status, record.ErrorKind, record.FinishReason).ShouldBe((200, null, "content_filter"));
        record.Attempts.Single().ErrorKind.ShouldBeNull();
        record.Usage.InputTokens.ShouldBeGreaterThan(0);
        record.Usage.OutputTokens.ShouldBeGreaterThan(3);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Stream_WithWordsThatOnlyBeginLikeOne_ArrivesAsItWouldWithout(string path, ProviderKind kind, string end)
    {
        await using ScriptedUpstream upstream = Streaming(kind, path, Whole);
        await using TestGateway guarded = await TestGateway.StartAsync(Over(upstream, kind), Options);
        await using TestGateway plain = await TestGateway.StartAsync(Over(upstream, kind));

        string text = await TextAsync(guarded, path);
        string expected = await TextAsync(plain, path);

        text.ShouldNotContain(end);
        if (IsNative(path, kind))
        {
            text.ShouldBe(expected);
        }
        // Elsewhere ids and times are made by the gateway.
        text.Length.ShouldBe(expected.Length, text);
        (await guarded.NextRecordAsync()).Usage.ShouldBe((await plain.NextRecordAsync()).Usage);
    }

    [Theory]
    [InlineData("/v1/chat/completions", ProviderKind.OpenAICompatible)]
    [InlineData("/v1/messages", ProviderKind.OpenAICompatible)]
    public async Task Stream_WithNothingOpen_IsNotHeldBack(string path, ProviderKind kind)
    {
        var goOn = new TaskCompletionSource();
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Delta("Hello the ")}\n\n");
            await c.ChunkAsync($"data: {Answers.Delta("secret")}\n\n");
            await goOn.Task;
            await c.ChunkAsync($"data: {Answers.Delta("s.")}\n\ndata: {Answers.Finish}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, kind), Options);

        using HttpResponseMessage response = await gateway.PostAsync(BodyFor(path), path, HttpCompletionOption.ResponseHeadersRead);
        await using Stream stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        string text = "";
        byte[] buffer = new byte[4096];
        while (!text.Contains("Hello the", StringComparison.Ordinal))
        {
            text += System.Text.Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
        }
        text.ShouldNotContain("secret");
        goOn.SetResult();
        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldContain("secret");
    }

    [Fact]
    public async Task Stream_WithNothingBeforeTheWord_SaysOnlyWhyItEnds()
    {
        await using ScriptedUpstream upstream = Streaming(ProviderKind.OpenAICompatible, "/v1/chat/completions", ["secret", " word"]);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, ProviderKind.OpenAICompatible), Options);

        using HttpResponseMessage response = await gateway.ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Answers.TextOf(text).ShouldBeEmpty();
        JsonElement[] events = EventsOf(text, false);
        events[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString().ShouldBe("content_filter");
        events[^2].GetProperty("model").GetString().ShouldBe("m");
        events[^2].GetProperty("id").GetString().ShouldBe("c1");
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.Source.ShouldBe(UsageSource.Estimated);
        events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt64().ShouldBe(record.Usage.OutputTokens);
    }

    // What was held back when the stream broke is not sent; the next backend goes on from what was, and may come to the word all the same.
    [Theory]
    [InlineData(" secret word.", "The quick", "content_filter")]
    [InlineData(" secret is out.", "The quick secret is out.", "stop")]
    public async Task Stream_GoneOnWithElsewhere_IsLookedAtAsOne(string rest, string expected, string finish)
    {
        await using ScriptedUpstream breaks = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            foreach (string data in (string[])[Answers.Role, Answers.Delta("The quick"), Answers.Delta(" secret")])
            {
                await c.ChunkAsync($"data: {data}\n\n");
            }
            c.Break();
        });
        await using ScriptedUpstream goesOn = ScriptedUpstream.Stream(Answers.Role, Answers.Delta(rest), Answers.Finish, Answers.Usage, Answers.Done);
        CatalogDefinition catalog = TestGateway.ModelOver(breaks.Url, goesOn.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with
            {
                Providers = [.. catalog.Providers.Select(p => p with { Settings = new Dictionary<string, string> { ["profile"] = "mistral" } })],
                Models = [catalog.Models[0] with { DefaultRoute = "recovering" }],
                Routes = [new RouteDefinition { Id = "r", Name = "recovering", Steps = [new RouteStepDefinition { Model = "m" }], RecoverStreams = true }],
            },
            Options);

        string text = await TextAsync(gateway, "/v1/chat/completions");

        Answers.TextOf(text).ShouldBe(expected);
        text.TrimEnd().ShouldEndWith("[DONE]");
        (await gateway.NextRecordAsync()).FinishReason.ShouldBe(finish);
    }

    [Fact]
    public async Task Responses_CutShort_SayWhatWasSentAndAreCountedAsFar()
    {
        await using ScriptedUpstream upstream = Streaming(ProviderKind.OpenAI, "/v1/responses", Cut);
        await using TestGateway gateway = await TestGateway.StartAsync(Over(upstream, ProviderKind.OpenAI), Options);

        JsonElement last = EventsOf(await TextAsync(gateway, "/v1/responses"), false)[^1];

        last.GetProperty("sequence_number").GetInt32().ShouldBe(3);
        JsonElement response = last.GetProperty("response");
        (response.GetProperty("id").GetString(), response.GetProperty("model").GetString(), response.GetProperty("status").GetString()).ShouldBe(("resp_1", "m", "incomplete"));
        response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("Hello the ");
        response.GetProperty("usage").GetProperty("output_tokens").GetInt64().ShouldBe((await gateway.NextRecordAsync()).Usage.OutputTokens);
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/messages")]
    public async Task Answer_WithAWord_IsWithheldAndBooked(string path)
    {
        string answer = Answers.Chat.Replace("hi there", "the secret word", StringComparison.Ordinal);
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url, upstream.Url), Options);

        using HttpResponseMessage response = await gateway.PostAsync(BodyFor(path).Replace("\"stream\":true,", "", StringComparison.Ordinal), path);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        text.ShouldNotContain("secret");
        text.ShouldContain("does not pass on");
        // It was paid for, and another backend is not asked for the same.
        upstream.Seen.Count.ShouldBe(1);
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Status, record.ErrorKind, record.FinishReason).ShouldBe((400, "content_filtered", "content_filter"));
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 11, 4, 0, 22, 7));
        record.Attempts.Single().ErrorKind.ShouldBeNull();
    }

    [Fact]
    public async Task Answer_WithAWordAndNoCounts_IsBookedAsEstimated()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("""{"id":"c1","object":"chat.completion","model":"real-model","choices":[{"index":0,"message":{"role":"assistant","content":"the secret word is out"},"finish_reason":"stop"}]}""");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), Options);

        using HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Usage usage = (await gateway.NextRecordAsync()).Usage;
        usage.Source.ShouldBe(UsageSource.Estimated);
        usage.OutputTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Answer_WithoutAWord_ArrivesByteForByte()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), Options);

        using HttpResponseMessage response = await gateway.ChatAsync();

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .ShouldBe(Answers.Chat.Replace("\"real-model\"", "\"m\"", StringComparison.Ordinal));
    }

    private static bool IsNative(string path, ProviderKind kind) =>
        (path, kind) is ("/v1/chat/completions", ProviderKind.OpenAICompatible) or ("/v1/completions", _) or ("/v1/messages", ProviderKind.Anthropic)
            or ("/v1/responses", ProviderKind.OpenAI) or (_, ProviderKind.Gemini);

    private static async Task<string> TextAsync(TestGateway gateway, string path)
    {
        using HttpResponseMessage response = await gateway.PostAsync(BodyFor(path), path);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static JsonElement[] EventsOf(string text, bool array) => array
        ? [.. JsonDocument.Parse(text).RootElement.EnumerateArray()]
        : [.. text.Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.StartsWith("data: {", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l[6..]).RootElement)];

    private static string BodyFor(string path) => path switch
    {
        "/v1/responses" => """{"model":"m","stream":true,"store":false,"input":"hello"}""",
        "/v1/completions" => """{"model":"m","stream":true,"prompt":"hello"}""",
        _ when path.StartsWith("/v1beta", StringComparison.Ordinal) => """{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}""",
        _ => """{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hello"}]}""",
    };

    private static CatalogDefinition Over(ScriptedUpstream upstream, ProviderKind kind)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        return catalog with { Providers = [catalog.Providers[0] with { Kind = kind }] };
    }

    private static ScriptedUpstream Streaming(ProviderKind kind, string path, string[] pieces) => ScriptedUpstream.Start(async c =>
    {
        await c.StreamHeadAsync();
        foreach (string part in Script(kind, path, pieces))
        {
            await c.ChunkAsync(part);
        }
        await c.EndAsync();
    });

    private static IEnumerable<string> Script(ProviderKind kind, string path, string[] pieces) => kind switch
    {
        ProviderKind.Anthropic =>
        [
            Event("message_start", """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"real-model","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}"""),
            Event("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"""),
            .. pieces.Select(p => Event("content_block_delta", $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{{p}}}"}}""")),
            Event("content_block_stop", """{"type":"content_block_stop","index":0}"""),
            Event("message_delta", """{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}"""),
            Event("message_stop", """{"type":"message_stop"}"""),
        ],
        ProviderKind.OpenAI =>
        [
            Event("response.created", """{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1,"status":"in_progress","model":"real-model","output":[]}}"""),
            Event("response.output_item.added", """{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message","id":"msg_1","status":"in_progress","role":"assistant","content":[]}}"""),
            .. pieces.Select((p, i) => Event("response.output_text.delta", $$"""{"type":"response.output_text.delta","sequence_number":{{i + 2}},"item_id":"msg_1","output_index":0,"content_index":0,"delta":"{{p}}"}""")),
            Event("response.completed", """{"type":"response.completed","sequence_number":30,"response":{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"real-model","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"PIECES","annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":9,"total_tokens":12}}}""".Replace("PIECES", string.Concat(pieces), StringComparison.Ordinal)),
        ],
        ProviderKind.Gemini =>
        [
            .. pieces.Select(p => $$$"""data: {"candidates":[{"content":{"parts":[{"text":"{{{p}}}"}],"role":"model"},"index":0}],"responseId":"r"}""" + "\r\n\r\n"),
            """data: {"candidates":[{"content":{"parts":[{"text":"."}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":9,"totalTokenCount":12},"responseId":"r"}""" + "\r\n\r\n",
        ],
        _ when path == "/v1/completions" =>
        [
            .. pieces.Select(p => $$"""data: {"id":"c1","object":"text_completion","created":1,"model":"real-model","choices":[{"index":0,"text":"{{p}}","finish_reason":null}]}""" + "\n\n"),
            """data: {"id":"c1","object":"text_completion","created":1,"model":"real-model","choices":[{"index":0,"text":"","finish_reason":"stop"}]}""" + "\n\n",
            "data: [DONE]\n\n",
        ],
        _ => [.. ((string[])[Answers.Role, .. pieces.Select(Answers.Delta), Answers.Finish, Answers.Usage, Answers.Done]).Select(d => $"data: {d}\n\n")],
    };

    private static string Event(string name, string data) => $"event: {name}\ndata: {data}\n\n";
}
