using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Guardrails;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Guardrails;

public sealed class RequestGuardTests
{
    private static readonly GatewayOptions Options = new()
    {
        MaxRetries = 0,
        Guardrails = new GuardrailSettings { Requests = BannedWords.Of(["secret word", "user", "ban"]) },
    };

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"the Secret\u0020WORD"}]}""", "error.code")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}},{"type":"text","text":"b\u0061n"}]}]}""", "error.code")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","description":"ban it"}}]}""", "error.code")]
    [InlineData("/v1/completions", """{"model":"m","prompt":["x","ban"]}""", "error.code")]
    [InlineData("/v1/responses", """{"model":"m","instructions":"ban","input":"x"}""", "error.code")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a ban here"}}]}]}""", "error.type")]
    [InlineData("/v1beta/models/m:generateContent", """{"system_instruction":{"parts":[{"text":"ban"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}]}""", "error.status")]
    public async Task Request_WithAWord_IsRefusedBeforeAnythingIsCalledOrCharged(string path, string body, string place)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), Options);

        using HttpResponseMessage response = await gateway.PostAsync(body, path);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        JsonElement error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        error.GetProperty(place[6..]).GetString().ShouldBe(place switch { "error.code" => "content_filtered", "error.type" => "invalid_request_error", _ => "INVALID_ARGUMENT" });
        text.ShouldContain("does not pass on");
        text.ShouldNotContain("ban", Case.Insensitive);
        upstream.Seen.ShouldBeEmpty();
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Status, record.ErrorKind, record.Admitted, record.Cost?.Value ?? 0).ShouldBe((400, "content_filtered", false, 0L));
        record.Usage.ShouldBe(default);
        record.ReservedTokens.ShouldBe(0);
        record.Model.ShouldBe("m");
    }

    [Theory]
    // What programs set is no text.
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"banana"}],"user":"ban","metadata":{"ban":"ban"}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/ban"}}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"x/ban/y+ban=","format":"wav"}}]}]}""")]
    public async Task Request_WithoutAWord_ArrivesByteForByte(string body)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), Options);

        using HttpResponseMessage response = await gateway.PostAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Seen.Single().Body.ShouldBe(body.Replace("\"m\"", "\"real-model\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_WithHalfACharacter_IsRefusedWhereWordsAreLookedFor()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), Options);

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","messages":[{"role":"user","content":"\ud800 ban"}]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Request_ForVectors_IsNotLookedAt()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("""{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"model":"real-model","usage":{"prompt_tokens":1,"total_tokens":1}}""");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), Options);

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"ban"}""", "/v1/embeddings");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
