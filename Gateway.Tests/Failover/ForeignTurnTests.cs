using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>A conversation that another vendor began, in front of Anthropic itself.</summary>
public sealed class ForeignTurnTests
{
    private const string Answer = """{"id":"msg_1","type":"message","role":"assistant","model":"real-model","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2}}""";

    [Theory]
    [InlineData("gw.gemini.AAAA", "thoughts of another vendor", false)]
    [InlineData("EqQBCgIYAhIk", "its own thoughts", true)]
    public async Task Messages_WithThoughtsOfSomebody_ReachAnthropicOnlyIfTheyAreItsOwn(string signature, string why, bool kept)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answer);
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Kind = ProviderKind.Anthropic }] });

        using HttpResponseMessage response = await gateway.PostAsync(
            $$"""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"{{signature}}"},{"type":"text","text":"b"}]},{"role":"user","content":"c"}]}""",
            "/v1/messages");

        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        text.ShouldContain("\"text\":\"hi\"", customMessage: why);
        text.ShouldContain("\"id\":\"msg_1\"", customMessage: why);
        SeenRequest seen = upstream.Seen.Single();
        seen.Path.ShouldEndWith("/messages");
        seen.Headers["anthropic-version"].ShouldNotBeEmpty();
        seen.Body.Contains(signature, StringComparison.Ordinal).ShouldBe(kept, why);
        seen.Body.ShouldContain("\"b\"", customMessage: why);
    }

    [Theory]
    [InlineData("Z3cuYW50aHJvcGljLW1lc3NhZ2VzLkFBQUE=", false)]
    [InlineData("AVSoXO4AAAA=", true)]
    public async Task Gemini_WithASignatureOfSomebody_GetsItOnlyIfItIsItsOwn(string signature, bool kept)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(
            """{"candidates":[{"content":{"parts":[{"text":"hi"}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"modelVersion":"real-model"}""");
        await using TestGateway gateway = await StartAsync(upstream, ProviderKind.Gemini);

        using HttpResponseMessage response = await gateway.PostAsync(
            $$"""{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"hm","thought":true,"thoughtSignature":"{{signature}}"},{"text":"b"}]},{"role":"user","parts":[{"text":"c"}]}]}""",
            "/v1beta/models/m:generateContent");

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"hi\"");
        upstream.Seen.Single().Body.Contains(signature, StringComparison.Ordinal).ShouldBe(kept);
        upstream.Seen.Single().Body.ShouldContain("\"b\"");
    }

    [Theory]
    [InlineData("\"encrypted_content\":\"gw.anthropic-messages.AAAA\"", "gw.anthropic", false)]
    [InlineData("\"encrypted_content\":\"gAAAAABo\"", "gAAAAABo", true)]
    public async Task Responses_WithThoughtsOfSomebody_ReachTheUpstreamOnlyIfTheyAreItsOwn(string field, string mark, bool kept)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(
            """{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"real-model","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]}],"usage":{"input_tokens":3,"output_tokens":2,"total_tokens":5}}""");
        await using TestGateway gateway = await StartAsync(upstream, ProviderKind.OpenAI);

        using HttpResponseMessage response = await gateway.PostAsync(
            $$"""{"model":"m","store":false,"input":[{"role":"user","content":"a"},{"type":"reasoning","id":"rs_1","summary":[],{{field}}},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"b","annotations":[]}]},{"role":"user","content":"c"}]}""",
            "/v1/responses");

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"hi\"");
        upstream.Seen.Single().Body.Contains(mark, StringComparison.Ordinal).ShouldBe(kept);
        upstream.Seen.Single().Body.ShouldContain("\"b\"");
    }

    private static Task<TestGateway> StartAsync(ScriptedUpstream upstream, ProviderKind kind)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        return TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Kind = kind }] });
    }
}
