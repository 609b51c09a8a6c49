using System.Net;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>A model's limit of output tokens as upstreams see it, whatever wire it came in on.</summary>
public sealed class OutputLimitTests
{
    [Theory]
    [InlineData("", 100)]
    [InlineData(",\"max_tokens\":null", 100)]
    [InlineData(",\"max_tokens\":5", 5)]
    [InlineData(",\"max_tokens\":500", 100)]
    public async Task Chat_OverChat_IsHeldToTheLimit(string more, int expected)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Limited(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync($$"""{"model":"m","messages":[{"role":"user","content":"hello"}]{{more}}}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Sent(upstream).GetProperty("max_tokens").GetInt32().ShouldBe(expected);
    }

    [Theory]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":500,"messages":[{"role":"user","content":"hello"}]}""", 100)]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hello"}]}""", 5)]
    [InlineData("/v1beta/models/m:generateContent", """{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}""", 100)]
    [InlineData("/v1beta/models/m:generateContent", """{"contents":[{"role":"user","parts":[{"text":"hello"}]}],"generationConfig":{"maxOutputTokens":500}}""", 100)]
    [InlineData("/v1beta/models/m:generateContent", """{"contents":[{"role":"user","parts":[{"text":"hello"}]}],"generationConfig":{"maxOutputTokens":6}}""", 6)]
    public async Task AnotherWire_OverChat_IsHeldToTheLimit(string path, string body, int expected)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Limited(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(body, path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Sent(upstream).GetProperty("max_tokens").GetInt32().ShouldBe(expected);
    }

    private static JsonElement Sent(ScriptedUpstream upstream) => JsonDocument.Parse(upstream.Seen.Single().Body).RootElement;

    private static CatalogDefinition Limited(Uri upstream)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream);
        return catalog with { Models = [catalog.Models[0] with { MaxOutputTokens = 100 }] };
    }
}
