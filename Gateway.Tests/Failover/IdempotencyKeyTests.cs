using System.Net;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>A client's <c>Idempotency-Key</c> names its call at one upstream account, for one client.</summary>
public sealed class IdempotencyKeyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SameCall_Repeated_IsSentWithTheSameKey_AndAnotherClientsWithAnother()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key), TestGateway.KeyOf("ml-other")] });

        await SendAsync(gateway, TestGateway.Key, "order-7");
        await SendAsync(gateway, TestGateway.Key, "order-7");
        await SendAsync(gateway, TestGateway.Key, "order-8");
        await SendAsync(gateway, "ml-other", "order-7");
        await SendAsync(gateway, TestGateway.Key, null);

        string?[] sent = [.. upstream.Seen.Select(s => s.Headers.GetValueOrDefault("Idempotency-Key"))];
        sent[0].ShouldNotBeNull().ShouldStartWith("gw-");
        sent[1].ShouldBe(sent[0]);
        sent[2].ShouldNotBe(sent[0]);
        sent[3].ShouldNotBe(sent[0]);
        sent[4].ShouldBeNull();
    }

    [Fact]
    public async Task Failover_ToAnotherAccount_IsSentWithAnotherKey()
    {
        await using ScriptedUpstream first = ScriptedUpstream.Json("{}", status: 500);
        await using ScriptedUpstream second = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(first.Url, second.Url), new GatewayOptions { MaxRetries = 0 });

        await SendAsync(gateway, TestGateway.Key, "order-7");

        string sent = first.Seen.ShouldHaveSingleItem().Headers["Idempotency-Key"];
        second.Seen.ShouldHaveSingleItem().Headers["Idempotency-Key"].ShouldNotBe(sent);
    }

    [Fact]
    public async Task AnotherCredentialOfTheSameBackend_IsSentWithAnotherKey()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition model = TestGateway.ModelOver(upstream.Url);
        CredentialDefinition[] two = [new() { Id = "c1", Label = "a", Secret = "sk-a", RpmLimit = 1 }, new() { Id = "c2", Label = "b", Secret = "sk-b", RpmLimit = 1 }];
        await using TestGateway gateway = await TestGateway.StartAsync(model with { Providers = [.. model.Providers.Select(p => p with { Credentials = two })] });

        await SendAsync(gateway, TestGateway.Key, "order-7");
        await SendAsync(gateway, TestGateway.Key, "order-7");

        upstream.Seen.Select(s => s.Headers["Authorization"]).Distinct().Count().ShouldBe(2);
        upstream.Seen.Select(s => s.Headers["Idempotency-Key"]).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task PassedThrough_IsNotSentAsItCame()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("""{"id":"batch_1"}""");
        await using TestGateway gateway = await TestGateway.StartAsync(new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "openai", Kind = ProviderKind.OpenAI, BaseUrl = upstream.Url.ToString() }],
        });

        await SendAsync(gateway, TestGateway.Key, "order-7", "/v1/batches");

        upstream.Seen.ShouldHaveSingleItem().Headers["Idempotency-Key"].ShouldStartWith("gw-");
    }

    private static async Task SendAsync(TestGateway gateway, string key, string? idempotencyKey, string path = "/v1/chat/completions")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(TestGateway.Body(), System.Text.Encoding.UTF8, "application/json"),
            Headers = { { "Authorization", "Bearer " + key } },
        };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }
        using HttpResponseMessage response = await gateway.Client.SendAsync(request, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
