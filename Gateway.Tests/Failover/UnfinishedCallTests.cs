using System.Net;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>Calls that did not come to their end, for whatever reason: what their upstream bills is in the books, and says that it is estimated.</summary>
public sealed class UnfinishedCallTests
{
    private const string Words = "forty words or so that a client did receive before it left, and that it is not to get for the price of the one token which the stream reports at its start";
    private static readonly NanoUsd Dollar = NanoUsd.FromDollars(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/v1/chat/completions")]
    public async Task AnthropicStreamThatTheClientLeaves_CostsWhatWasSent(string path)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync("""
                event: message_start
                data: {"type":"message_start","message":{"model":"real-model","id":"msg_1","type":"message","role":"assistant","content":[],"stop_reason":null,"usage":{"input_tokens":10,"output_tokens":1}}}

                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"
                """ + Words + "\"}}\n\n");
            await c.WaitForCloseAsync();
        });
        CatalogDefinition catalog = Priced(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Kind = ProviderKind.Anthropic }] });

        using (HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body("\"stream\":true,\"max_tokens\":4000"), path, HttpCompletionOption.ResponseHeadersRead))
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(Cancel);
            await body.ReadExactlyAsync(new byte[200], Cancel);
        }

        UsageRecord record = await gateway.NextRecordAsync();
        record.ErrorKind.ShouldBe("client_closed");
        (record.Usage.Source, record.Usage.InputTokens).ShouldBe((UsageSource.Estimated, 10));
        record.Usage.OutputTokens.ShouldBeInRange(25, 50);
        record.Cost.ShouldBe(new NanoUsd(record.Usage.TotalTokens * Dollar.Value / 1_000_000));
        await Eventually.TrueAsync(() => SpentOf(gateway.Catalog.Current.Providers["provider-0"].Limits!) == record.Cost);
    }

    [Fact]
    public async Task ClientLeavesBeforeTheAnswer_ItsInputIsBookedAsEstimated()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        await using TestGateway gateway = await TestGateway.StartAsync(Priced(upstream.Url));
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(TestGateway.Body()) };
        request.Content.Headers.ContentType = new("application/json");
        Task<HttpResponseMessage> waiting = gateway.Client.SendAsync(request, leave.Token);
        await Eventually.TrueAsync(() => upstream.Seen.Count == 1);

        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);

        UsageRecord record = await gateway.NextRecordAsync();
        record.ErrorKind.ShouldBe("client_closed");
        record.Usage.Source.ShouldBe(UsageSource.Estimated);
        record.Usage.InputTokens.ShouldBePositive();
        record.Usage.OutputTokens.ShouldBe(0);
        record.Cost.ShouldBe(new NanoUsd(record.Usage.InputTokens * Dollar.Value / 1_000_000));
        // Once: a correction of prices adds up the call's usage and what was sunk beside it.
        record.Attempts.ShouldHaveSingleItem().SunkCost.ShouldBeNull();
        await Eventually.TrueAsync(() => SpentOf(gateway.Catalog.Current.Keys.Values.Single().Scopes.Single()) == record.Cost);
        await Eventually.TrueAsync(() => SpentOf(gateway.Catalog.Current.Providers["provider-0"].Limits!) == record.Cost);
    }

    [Fact]
    public async Task AttemptsTimeOut_TheirInputIsSunkBesideTheAnswer()
    {
        await using ScriptedUpstream silent = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = Priced(silent.Url, good.Url);
        var impatient = new TimeoutSettings { FirstByte = TimeSpan.FromSeconds(1) };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Timeouts = impatient }, catalog.Providers[1]] });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        record.Attempts.Select(a => a.ErrorKind).ShouldBe(["upstream_timeout", null]);
        NanoUsd sunk = record.Attempts[0].SunkCost.ShouldNotBeNull();
        sunk.Value.ShouldBePositive();
        record.Usage.Source.ShouldBe(UsageSource.Reported);
        record.Cost.ShouldBe(new NanoUsd((33 * Dollar.Value / 1_000_000) + sunk.Value));
        await Eventually.TrueAsync(() => SpentOf(gateway.Catalog.Current.Keys.Values.Single().Scopes.Single()) == record.Cost);
        SpentOf(gateway.Catalog.Current.Providers["provider-0"].Limits!).ShouldBe(sunk);
    }

    // Who was never asked, or said no, bills nothing.
    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(400)]
    public async Task UpstreamRefusesOrFails_CostsNothing(int status)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Error("no"), status);
        await using TestGateway gateway = await TestGateway.StartAsync(Priced(upstream.Url));

        (await gateway.ChatAsync()).IsSuccessStatusCode.ShouldBeFalse();

        UsageRecord record = await gateway.NextRecordAsync();
        (record.Usage, record.Cost).ShouldBe((default, NanoUsd.Zero));
    }

    [Fact]
    public async Task UpstreamCannotBeReached_CostsNothing()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(Priced(new Uri("http://127.0.0.1:9/v1")));

        (await gateway.ChatAsync()).IsSuccessStatusCode.ShouldBeFalse();

        UsageRecord record = await gateway.NextRecordAsync();
        (record.Usage, record.Cost).ShouldBe((default, NanoUsd.Zero));
    }

    private static CatalogDefinition Priced(params Uri[] upstreams) => TestGateway.ModelOver(upstreams) with
    {
        Keys = [TestGateway.KeyOf(TestGateway.Key)],
        Prices = [new ModelPrice { Model = "*", EffectiveFrom = DateTimeOffset.UnixEpoch, InputPerMillion = Dollar, OutputPerMillion = Dollar, Version = "test" }],
        Budgets =
        [
            BudgetOf(ScopeKind.Key, TestGateway.Key),
            .. upstreams.Select((_, i) => BudgetOf(ScopeKind.Provider, $"p{i}")),
        ],
    };

    private static BudgetDefinition BudgetOf(ScopeKind scope, string of) =>
        new() { Id = of, Name = of, Scope = scope, Of = of, Amount = NanoUsd.FromDollars(100), Period = BudgetPeriod.Day };

    private static NanoUsd SpentOf(LimitScope scope) => scope.Budgets.Single().Meter.Read(scope.Budgets.Single(), TimeProvider.System.GetUtcNow()).Spent;
}
