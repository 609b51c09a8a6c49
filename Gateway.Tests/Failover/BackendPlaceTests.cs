using System.Net;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>A call that is refused before it goes out leaves nothing taken of its provider's limits.</summary>
public class BackendPlaceTests
{
    private static readonly GatewayOptions Once = new() { MaxRetries = 0 };

    [Fact]
    public async Task Call_NoCredentialIsLeft_GivesTheProvidersPlaceBack()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Error("slow down", "rate_limit_error"), 429, "Retry-After: 300\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(WithOnePlace(upstream.Url), Once);

        for (int i = 0; i < 4; i++)
        {
            HttpResponseMessage answer = await gateway.ChatAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            // Of the credential: the limit would say something else.
            answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(290, 300);
        }
        upstream.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_CircuitIsOpen_GivesTheProvidersPlaceBack()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}", 500);
        await using TestGateway gateway = await TestGateway.StartAsync(WithOnePlace(upstream.Url), Once);
        for (int i = 0; i < 5; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }

        for (int i = 0; i < 3; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
        upstream.Seen.Count.ShouldBe(5);
    }

    private static CatalogDefinition WithOnePlace(Uri url)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(url);
        return catalog with { Limits = [new LimitDefinition { Scope = ScopeKind.Provider, Of = catalog.Providers[0].Name, MaxParallel = 1 }] };
    }
}
