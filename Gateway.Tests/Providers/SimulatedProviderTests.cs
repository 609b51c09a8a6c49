using System.Net;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Failover;
using Gateway.Tests.Hosting;
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
}
