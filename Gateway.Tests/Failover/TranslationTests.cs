using System.Net;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Telemetry;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>Clients of one wire before upstreams of another, on real sockets.</summary>
public sealed class TranslationTests
{
    private const string Messages = """{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hello"}]}""";
    private const string StreamedMessages = """{"model":"m","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"hello"}]}""";

    // Without the field that only its vendor knows: that is lost, and said.
    private static readonly string Chat = Answers.Chat.Replace(""","vendor_field":{"x":[1,2]}""", "", StringComparison.Ordinal);

    // Chat has no top_k.
    private const string WithTopK = """{"model":"m","max_tokens":100,"top_k":5,"messages":[{"role":"user","content":"hello"}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_OverChat_AreAnsweredInTheirOwnWireAndBooked()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        JsonElement answer = await JsonAsync(await gateway.PostAsync(Messages, "/v1/messages"));

        answer.GetProperty("type").GetString().ShouldBe("message");
        answer.GetProperty("model").GetString().ShouldBe("m");
        answer.GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("hi there");
        answer.GetProperty("stop_reason").GetString().ShouldBe("end_turn");
        // Anthropic leaves cached tokens out of input_tokens.
        answer.GetProperty("usage").GetProperty("input_tokens").GetInt32().ShouldBe(7);
        answer.GetProperty("usage").GetProperty("cache_read_input_tokens").GetInt32().ShouldBe(4);
        JsonElement sent = JsonDocument.Parse(upstream.Seen.Single().Body).RootElement;
        sent.GetProperty("model").GetString().ShouldBe("real-model");
        sent.GetProperty("messages")[0].GetProperty("content").GetString().ShouldBe("hello");
        sent.GetProperty("max_tokens").GetInt32().ShouldBe(100);
        UsageRecord record = await gateway.NextRecordAsync();
        record.Operation.ShouldBe(Operation.Messages);
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 11, 4, 0, 22, 7));
        record.FinishReason.ShouldBe("stop");
    }

    // A field's name is the client's own; one that no header can hold broke the connection after the answer had begun.
    [Theory]
    [InlineData("\\u007f")]
    [InlineData("\\r\\nx-forged: 1")]
    [InlineData("\\u4e16")]
    public async Task Messages_WithAFieldThatNoHeaderCanName_AreAnsweredAndTheLossIsSaid(string name)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(Messages.Replace("\"max_tokens\"", $"\"field{name}\":1,\"max_tokens\"", StringComparison.Ordinal), "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.Contains("x-forged").ShouldBeFalse();
        response.Headers.GetValues("x-gateway-lossy").ShouldHaveSingleItem().ShouldContain("field%");
    }

    [Fact]
    public async Task Messages_StreamedOverChat_EndWithTheirOwnSignAndHoldTheText()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Role, Answers.Delta("Grüße, "), Answers.Delta("世界"), Answers.Finish, Answers.Usage, Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string text = await (await gateway.PostAsync(StreamedMessages, "/v1/messages")).Content.ReadAsStringAsync(Cancel);

        text.ShouldContain("Grüße");
        text.ShouldContain("世界");
        text.IndexOf("message_delta", StringComparison.Ordinal).ShouldBeGreaterThan(text.IndexOf("世界", StringComparison.Ordinal));
        text.TrimEnd().ShouldEndWith("{\"type\":\"message_stop\"}");
        (await gateway.NextRecordAsync()).Usage.ShouldBe(new Usage(UsageSource.Reported, 5, 0, 0, 6, 0));
        upstream.Seen.Single().Body.ShouldContain("\"include_usage\":true");
    }

    [Fact]
    public async Task Messages_StreamThatBreaksOff_EndsInAnErrorEventAndNoStop()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Role, Answers.Delta("half"));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string text = await (await gateway.PostAsync(StreamedMessages, "/v1/messages")).Content.ReadAsStringAsync(Cancel);

        text.ShouldContain("half");
        text.ShouldContain("event: error");
        text.ShouldNotContain("message_stop");
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_stream_broken");
    }

    [Fact]
    public async Task Messages_StreamThatFailsBeforeContent_IsTriedOnTheNextBackend()
    {
        await using ScriptedUpstream failing = ScriptedUpstream.Stream(Answers.Role, Answers.Error("overloaded"));
        await using ScriptedUpstream good = ScriptedUpstream.Stream(Answers.Role, Answers.Delta("fine"), Answers.Finish, Answers.Usage, Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(failing.Url, good.Url));

        string text = await (await gateway.PostAsync(StreamedMessages, "/v1/messages")).Content.ReadAsStringAsync(Cancel);

        text.ShouldContain("fine");
        text.Split("event: message_start").Length.ShouldBe(2);
        (await gateway.NextRecordAsync()).Attempts.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Stream_AnsweredWithOneDocument_IsSentAsAStream()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string text = await (await gateway.PostAsync(StreamedMessages, "/v1/messages")).Content.ReadAsStringAsync(Cancel);

        text.ShouldContain("hi there");
        text.TrimEnd().ShouldEndWith("{\"type\":\"message_stop\"}");
    }

    [Theory]
    [InlineData(LossPolicy.Warn, "top_k")]
    [InlineData(LossPolicy.Allow, null)]
    public async Task Loss_ThatIsAllowed_IsNamedOrNot(LossPolicy policy, string? header)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(WithPolicy(TestGateway.ModelOver(upstream.Url), policy));

        HttpResponseMessage response = await gateway.PostAsync(WithTopK, "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.TryGetValues("x-gateway-lossy", out IEnumerable<string>? values);
        values?.Single().ShouldBe(header);
        (values is null).ShouldBe(header is null);
    }

    [Fact]
    public async Task Loss_OfAStreamsAnswer_IsInTheLogAfterTheHeaderIsGone()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(
            """{"candidates":[{"content":{"parts":[{"text":"Here it is."}],"role":"model"},"index":0}]}""",
            """{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}],"role":"model"},"finishReason":"STOP","index":0}]}""");
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Kind = ProviderKind.Gemini }] });

        using HttpResponseMessage response = await gateway.PostAsync(StreamedMessages, "/v1/messages");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("Here it is.");
        response.Headers.Contains("x-gateway-lossy").ShouldBeFalse();
        UsageRecord record = await gateway.NextRecordAsync();
        record.Lost.ShouldBe("part:image");
        var log = new RequestLog();
        log.Add(record);
        System.Text.Encoding.UTF8.GetString(log.Written).ShouldContain("\"lossy\":\"part:image\"");
    }

    [Fact]
    public async Task Loss_ThatIsRefused_NamesWhatWouldBeLostAndCallsNobody()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(WithPolicy(TestGateway.ModelOver(upstream.Url), LossPolicy.Refuse));

        HttpResponseMessage response = await gateway.PostAsync(WithTopK, "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement;
        error.GetProperty("type").GetString().ShouldBe("error");
        error.GetProperty("error").GetProperty("message").GetString()!.ShouldContain("top_k");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Loss_ThatIsRefused_GoesToABackendThatLosesNothing()
    {
        await using ScriptedUpstream chat = ScriptedUpstream.Json(Chat);
        await using ScriptedUpstream messages = ScriptedUpstream.Json(
            """{"id":"msg_1","type":"message","role":"assistant","model":"real-model","content":[{"type":"text","text":"natively"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}""");
        CatalogDefinition catalog = WithPolicy(TestGateway.ModelOver(chat.Url, messages.Url), LossPolicy.Refuse);
        catalog = catalog with { Providers = [catalog.Providers[0], catalog.Providers[1] with { Kind = ProviderKind.Anthropic }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        JsonElement answer = await JsonAsync(await gateway.PostAsync(WithTopK, "/v1/messages"));

        answer.GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("natively");
        answer.GetProperty("model").GetString().ShouldBe("m");
        chat.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Model_SettingsApplyWhateverTheWire()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        catalog = catalog with { Models = [catalog.Models[0] with { SystemPromptPrefix = "Be brief.", DefaultParamsJson = """{"temperature":0.25,"max_tokens":7}""" }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        await JsonAsync(await gateway.PostAsync("""{"model":"m","max_tokens":100,"system":"You are kind.","messages":[{"role":"user","content":"hello"}]}""", "/v1/messages"));

        JsonElement sent = JsonDocument.Parse(upstream.Seen.Single().Body).RootElement;
        sent.GetProperty("temperature").GetDouble().ShouldBe(0.25);
        sent.GetProperty("max_tokens").GetInt32().ShouldBe(100);
        string system = sent.GetProperty("messages")[0].GetRawText();
        system.ShouldContain("Be brief.");
        system.ShouldContain("You are kind.");
    }

    [Fact]
    public async Task GatewayFields_AreHeededAndNotSentOn()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.PostAsync(
            """{"model":"m","max_tokens":9,"omni_provider":"provider-0","omni_metadata":{"team":"a"},"messages":[{"role":"user","content":"hello"}]}""", "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.Contains("x-gateway-lossy").ShouldBeFalse();
        upstream.Seen.Single().Body.ShouldNotContain("omni_");
        (await gateway.NextRecordAsync()).Metadata.ShouldBe("""{"team":"a"}""");
    }

    [Fact]
    public async Task PreviousResponse_ThatNobodyKnows_Is400InOpenAIsWords()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"go on","previous_response_id":"resp_unknown"}""", "/v1/responses");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("previous_response_not_found");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Gemini_WithoutSse_IsOneJsonArrayAlsoWhenTranslated()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Role, Answers.Delta("one "), Answers.Delta("two"), Answers.Finish, Answers.Usage, Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.PostAsync(
            """{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}""", "/v1beta/models/m:streamGenerateContent");

        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        JsonElement chunks = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement;
        chunks.ValueKind.ShouldBe(JsonValueKind.Array);
        string.Concat(chunks.EnumerateArray()
            .SelectMany(c => c.GetProperty("candidates").EnumerateArray())
            .SelectMany(c => c.TryGetProperty("content", out JsonElement content) && content.TryGetProperty("parts", out JsonElement parts) ? parts.EnumerateArray() : [])
            .Select(p => p.GetProperty("text").GetString())).ShouldBe("one two");
    }

    private static CatalogDefinition WithPolicy(CatalogDefinition catalog, LossPolicy policy) =>
        catalog with { Models = [catalog.Models[0] with { OnLoss = policy }] };

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        string text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
