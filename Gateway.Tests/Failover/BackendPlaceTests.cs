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
            answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(200, 300);
        }
        upstream.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_CircuitIsOpen_GivesTheProvidersPlaceBack()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}", 500);
        CatalogDefinition catalog = WithOnePlace(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Kind = ProviderKind.OpenAI }] });
        // What is passed through has one backend only, which nobody looks at before.
        for (int i = 0; i < 5; i++)
        {
            (await FilesAsync(gateway)).ShouldBe(HttpStatusCode.InternalServerError);
        }

        for (int i = 0; i < 3; i++)
        {
            (await FilesAsync(gateway)).ShouldBe(HttpStatusCode.ServiceUnavailable);
        }
        upstream.Seen.Count.ShouldBe(5);
    }

    private static async Task<HttpStatusCode> FilesAsync(TestGateway gateway)
    {
        using HttpResponseMessage answer = await gateway.Client.GetAsync("/v1/files", TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static CatalogDefinition WithOnePlace(Uri url)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(url);
        return catalog with { Limits = [new LimitDefinition { Scope = ScopeKind.Provider, Of = catalog.Providers[0].Name, MaxParallel = 1 }] };
    }
}
