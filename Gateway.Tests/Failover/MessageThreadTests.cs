using System.Net;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>Conversations that Anthropic keeps: a request holds the newest turn only, and its SDKs send the rest when they are told that it is lost.</summary>
public sealed class MessageThreadTests
{
    private const string Continues =
        """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"20"}]}],"thread":{"type":"continue","previous_message_id":"msg_1"}}""";

    private const string Begins = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hello"}],"thread":{"type":"create"}}""";

    private const string Message =
        """{"id":"msg_2","type":"message","role":"assistant","model":"real-model","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Continued_OverAnotherWire_IsNotAnsweredFromItsNewestTurnAlone()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(Continues, "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("error");
        error.GetProperty("type").GetString().ShouldBe("not_found_error");
        error.GetProperty("details").GetProperty("error_code").GetString().ShouldBe("thread_not_found");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Begun_OverAnotherWire_LosesNothing()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat.Replace(""","vendor_field":{"x":[1,2]}""", "", StringComparison.Ordinal));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(Begins, "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.Contains("x-gateway-lossy").ShouldBeFalse();
        upstream.Seen.Single().Body.ShouldNotContain("thread");
    }

    [Fact]
    public async Task Paused_AtAnthropic_GoesOnWithoutANewMessage()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Message);
        await using TestGateway gateway = await TestGateway.StartAsync(OverAnthropic(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(
            """{"model":"m","max_tokens":9,"messages":[],"thread":{"type":"continue","previous_message_id":"msg_1"}}""", "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Seen.Single().Body.ShouldContain("\"previous_message_id\":\"msg_1\"");
    }

    [Fact]
    public async Task Messages_EmptyAndNoThread_AreRefused()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Message);
        await using TestGateway gateway = await TestGateway.StartAsync(OverAnthropic(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","max_tokens":9,"messages":[]}""", "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("'messages' must not be empty.");
    }

    // Without the code its SDKs neither throw their typed error nor send the conversation again.
    [Fact]
    public async Task Lost_AtAnthropic_IsToldWithItsCode()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(
            """{"type":"error","error":{"type":"not_found_error","message":"No thread.","details":{"error_code":"thread_not_found"}}}""", status: 404);
        await using TestGateway gateway = await TestGateway.StartAsync(OverAnthropic(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(Continues, "/v1/messages");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("error");
        error.GetProperty("message").GetString().ShouldBe("No thread.");
        error.GetProperty("details").GetProperty("error_code").GetString().ShouldBe("thread_not_found");
    }

    private static CatalogDefinition OverAnthropic(Uri upstream) => new()
    {
        Providers = [new ProviderDefinition { Id = "p", Name = "claude", Kind = ProviderKind.Anthropic, BaseUrl = upstream.ToString() }],
        Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [new BackendDefinition { Id = "b", Provider = "claude", UpstreamModel = "real-model" }] }],
    };
}
