using System.Net;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Limits;

public class ModelLimitTests
{
    // A model's limits were lost on the way to a snapshot once it had a default route.
    [Theory]
    [InlineData(null)]
    [InlineData("chain")]
    public async Task Limit_OfAModel_HoldsWithAndWithoutADefaultRoute(string? route)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with
        {
            Models = [catalog.Models[0] with { DefaultRoute = route }],
            Routes = [new RouteDefinition { Id = "r", Name = "chain", Steps = [new RouteStepDefinition { Model = "m" }] }],
            Limits = [new LimitDefinition { Scope = ScopeKind.Model, Of = "m", Rpm = 1 }],
        });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }
}
