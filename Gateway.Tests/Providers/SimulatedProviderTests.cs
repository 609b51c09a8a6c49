using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Tests.Hosting;
using Gateway.Web.Components.Pages.Playground;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers;

public class SimulatedProviderTests
{
    [Theory]
    [InlineData("chat", null, HttpStatusCode.OK)]
    [InlineData("failing", null, HttpStatusCode.BadGateway)]
    [InlineData("chat", "429", HttpStatusCode.TooManyRequests)]
    [InlineData("chat", "503", HttpStatusCode.ServiceUnavailable)]
    [InlineData("failing", "429", HttpStatusCode.TooManyRequests)]
    [InlineData("my-embedding", null, HttpStatusCode.BadRequest)]
    public async Task Call_ByModelAndFailureStatus_AnswersOrFails(string upstreamModel, string? status, HttpStatusCode expected)
    {
        var settings = new Dictionary<string, string> { ["latency_ms"] = "0", ["tokens_per_second"] = "0" };
        if (status is not null)
        {
            settings["failure_status"] = status;
        }
        CatalogDefinition catalog = TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1"));
        ProviderDefinition provider = new() { Id = catalog.Providers[0].Id, Name = catalog.Providers[0].Name, Kind = ProviderKind.Simulated, Settings = settings };
        ModelDefinition model = catalog.Models[0] with { Backends = [catalog.Models[0].Backends[0] with { UpstreamModel = upstreamModel }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [provider], Models = [model] }, new GatewayOptions { MaxRetries = 0 });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(expected);
    }

    // Who tries structured answers here is to see what they look like, not that prose is no JSON.
    [Theory]
    [InlineData("""{"type":"object","properties":{"name":{"type":"string","maxLength":4},"age":{"type":["integer","null"],"minimum":18},"kind":{"enum":["cat","dog"]},"tags":{"type":"array","items":{"type":"string"},"minItems":2},"owner":{"$ref":"#/$defs/person"}},"required":["name","age","kind","tags","owner"],"additionalProperties":false,"$defs":{"person":{"type":"object","properties":{"alive":{"type":"boolean"},"score":{"type":"number","maximum":0.5},"friends":{"type":"array","items":{"$ref":"#/$defs/person"}}},"required":["alive"]}}}""")]
    [InlineData("""{"type":"object","properties":{"either":{"anyOf":[{"type":"object","properties":{"a":{"const":7}},"required":["a"]},{"type":"null"}]}},"required":["either"]}""")]
    public async Task Chat_WithAJsonSchema_AnswersInItsShape(string schema)
    {
        using JsonDocument wanted = JsonDocument.Parse(schema);

        using JsonDocument answer = JsonDocument.Parse(await ContentAsync($$$"""{"type":"json_schema","json_schema":{"name":"n","schema":{{{schema}}}}}"""));

        SchemaCheck.Check(wanted.RootElement, answer.RootElement).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"type":"json_object"}""")]
    [InlineData("""{"type":"json_schema"}""")]
    [InlineData("""{"type":"json_schema","json_schema":{"schema":{"$ref":"#"}}}""")]
    [InlineData("""{"type":"json_schema","json_schema":{"schema":{"type":"object","properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"},"d":{"$ref":"#"}},"required":["a","b","c","d"]}}}""")]
    public async Task Chat_ThatWantsJson_AnswersAnObject(string format)
    {
        using JsonDocument answer = JsonDocument.Parse(await ContentAsync(format));

        answer.RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
    }

    // Whoever does not read it holds what was made: not the rest of the answer.
    [Fact]
    public async Task LongStream_ThatNobodyReads_IsNotMadeInAdvance()
    {
        Provider provider = AdapterBench.ProviderOf(ProviderKind.Simulated, null, "", ("latency_ms", "0"), ("tokens_per_second", "0"), ("output_tokens", "100000"));
        IProviderAdapter adapter = AdapterBench.AdapterOf(ProviderKind.Simulated);
        UpstreamCall call = AdapterBench.CallOf(provider, Operation.ChatCompletions, stream: true, body: """{"messages":[{"role":"user","content":"hi"}],"stream":true}""");
        using (await adapter.SendAsync(call, TestContext.Current.CancellationToken))
        {
            // What is made only once.
        }
        long before = GC.GetAllocatedBytesForCurrentThread();

        using HttpResponseMessage answer = await adapter.SendAsync(call, TestContext.Current.CancellationToken);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(3_000_000);
    }

    private static async Task<string> ContentAsync(string format)
    {
        Provider provider = AdapterBench.ProviderOf(ProviderKind.Simulated, null, "", ("latency_ms", "0"), ("tokens_per_second", "0"));
        UpstreamCall call = AdapterBench.CallOf(
            provider, Operation.ChatCompletions, stream: false, body: $$"""{"messages":[{"role":"user","content":"Who \"are\" you?"}],"response_format":{{format}}}""");
        using HttpResponseMessage answer = await AdapterBench.AdapterOf(ProviderKind.Simulated).SendAsync(call, TestContext.Current.CancellationToken);
        using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return body.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }
}
