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
}
