using System.Net;
using Gateway.Core;
using Gateway.Core.Catalog;
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
}
