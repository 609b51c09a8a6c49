using System.Net;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Core.Load;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints.PassThrough;

/// <summary>What is passed through has its places and limits like everything else.</summary>
public sealed class PassThroughLimitsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gate_OfTheProcess_CountsWhatIsPassedOn()
    {
        var release = new TaskCompletionSource();
        await using var upstream = ScriptedUpstream.Start(async c =>
        {
            await release.Task.WaitAsync(c.Stop);
            await c.JsonAsync("{}");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(
            PassThroughTests.Providers(upstream.Url), new GatewayOptions { Load = new LoadSettings { MostRequests = 1, QueueTimeout = TimeSpan.Zero } });
        Task<HttpResponseMessage> first = gateway.Client.GetAsync("/v1/files", Cancel);
        await Eventually.TrueAsync(() => upstream.Seen.Count == 1);

        (await gateway.Client.GetAsync("/v1/files", Cancel)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        release.SetResult();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.Client.GetAsync("/v1/files", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Gate_ClientLeaves_ItsPlaceComesBackAndItIsInTheBooks(bool answering)
    {
        await using var upstream = ScriptedUpstream.Start(async c =>
        {
            if (c.Last!.Path.EndsWith("slow", StringComparison.Ordinal))
            {
                if (answering)
                {
                    await c.StreamHeadAsync();
                    await c.ChunkAsync("data: {}\n\n");
                }
                await c.WaitForCloseAsync();
                return;
            }
            await c.JsonAsync("{}");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(
            PassThroughTests.Providers(upstream.Url), new GatewayOptions { Load = new LoadSettings { MostRequests = 1, QueueTimeout = TimeSpan.Zero } });
        using var leaving = new CancellationTokenSource();
        Task<HttpResponseMessage> first = gateway.Client.GetAsync("/v1/files/slow", HttpCompletionOption.ResponseHeadersRead, leaving.Token);
        await Eventually.TrueAsync(() => upstream.Seen.Count == 1);
        HttpResponseMessage? begun = answering ? await first : null;

        await leaving.CancelAsync();
        begun?.Dispose();

        UsageRecord record = await gateway.NextRecordAsync();
        (record.ClientAborted, record.ErrorKind).ShouldBe((true, "client_closed"));
        HttpStatusCode next = default;
        for (int i = 0; i < 100 && next != HttpStatusCode.OK; i++)
        {
            next = (await gateway.Client.GetAsync("/v1/files", Cancel)).StatusCode;
        }
        next.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Files_OverTheKeysRequestsAMinute_Is429()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(PassThroughTests.Providers(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key, rpm: 1)] });

        using HttpResponseMessage first = await gateway.Client.GetAsync("/v1/files", Cancel);
        using HttpResponseMessage second = await gateway.Client.GetAsync("/v1/files", Cancel);

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        first.Headers.GetValues("x-ratelimit-remaining-requests").ShouldBe(["0"]);
        second.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        second.Headers.RetryAfter.ShouldNotBeNull();
        upstream.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Files_OverTheProvidersLimit_Are429AndNotSent()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(
            PassThroughTests.Providers(upstream.Url) with { Limits = [new LimitDefinition { Scope = ScopeKind.Provider, Of = "openai-0", Rpm = 1 }] });

        using HttpResponseMessage first = await gateway.Client.GetAsync("/v1/files", Cancel);
        using HttpResponseMessage second = await gateway.Client.GetAsync("/providers/openai-0/anything", Cancel);

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        second.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await second.Content.ReadAsStringAsync(Cancel)).ShouldContain("provider openai-0");
        upstream.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Files_ProviderAtItsCallsAtATime_TakesTheNextOnceOneHasEnded()
    {
        var release = new TaskCompletionSource();
        await using var upstream = ScriptedUpstream.Start(async c =>
        {
            await release.Task.WaitAsync(c.Stop);
            await c.JsonAsync("{}");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(
            PassThroughTests.Providers(upstream.Url) with { Limits = [new LimitDefinition { Scope = ScopeKind.Provider, Of = "openai-0", MaxParallel = 1 }] });
        Task<HttpResponseMessage> first = gateway.Client.GetAsync("/v1/files", Cancel);
        await Eventually.TrueAsync(() => upstream.Seen.Count == 1);

        (await gateway.Client.GetAsync("/v1/files", Cancel)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);

        release.SetResult();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.Client.GetAsync("/v1/files", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Files_ProvidersHardBudgetSpent_Are429()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(PassThroughTests.Providers(upstream.Url) with
        {
            Budgets = [new BudgetDefinition { Id = "b", Name = "spend", Scope = ScopeKind.Provider, Of = "openai-0", Amount = NanoUsd.Zero }],
        });

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        upstream.Seen.ShouldBeEmpty();
    }
}
