using System.Net;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>A route that asks a second backend when the first lets wait: whoever begins first answers, and nothing is billed without saying so.</summary>
public class HedgeTests
{
    private const string Streamed = "\"stream\":true";
    private static readonly string[] Quick = [Answers.Role, Answers.Delta("quick"), Answers.Finish, Answers.Usage, Answers.Done];
    private static readonly NanoUsd Dollar = NanoUsd.FromDollars(1);

    [Fact]
    public async Task Stream_FirstSendsNoContent_SecondAnswersAndTheFirstIsGivenUp()
    {
        var closed = new TaskCompletionSource();
        // It even begins, with what holds no content.
        await using ScriptedUpstream slow = ScriptedUpstream.Start(async c =>
        {
            try
            {
                await c.StreamHeadAsync();
                await c.ChunkAsync($": wait\n\ndata: {Answers.Role}\n\n");
                await c.WaitForCloseAsync();
            }
            finally
            {
                // On a busy machine it is given up before it has written anything.
                closed.SetResult();
            }
        });
        await using ScriptedUpstream quick = ScriptedUpstream.Stream(Quick);
        await using TestGateway gateway = await TestGateway.StartAsync(Hedged([slow.Url, quick.Url]));

        string text = await TextAsync(await gateway.ChatAsync(Streamed));

        Answers.TextOf(text).ShouldBe("quick");
        text.ShouldNotContain("wait");
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Status, record.Provider).ShouldBe((200, "provider-1"));
        record.Attempts.Select(a => (a.Provider, a.ErrorKind)).ShouldBe([("provider-0", "superseded"), ("provider-1", null)]);
        await closed.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        await NothingIsHeldAsync(gateway);
    }

    // Who wins is known by the first content: the client must not wait for the second to get it.
    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/messages")]
    public async Task Stream_NothingFollowsItsFirstContentYet_ClientHasThat(string path)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream slow = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        await using ScriptedUpstream quick = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\ndata: {Answers.Delta("quick")}\n\n");
            await seen.Task.WaitAsync(c.Stop);
            await c.ChunkAsync($"data: {Answers.Finish}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(Hedged([slow.Url, quick.Url]));

        using HttpResponseMessage answer = await gateway.PostAsync(TestGateway.Body(Streamed + ",\"max_tokens\":9"), path, HttpCompletionOption.ResponseHeadersRead)
            .WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await ReadToAsync(reader, "quick").WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        seen.SetResult();
        (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldNotContain("error");
    }

    [Fact]
    public async Task Answer_LoserMayBeBilled_ItsInputIsInTheCostAndSaysSo()
    {
        await using ScriptedUpstream slow = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        await using ScriptedUpstream quick = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = Hedged([slow.Url, quick.Url]) with { Prices = [Price(Dollar)] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        NanoUsd sunk = record.Attempts[0].SunkCost.ShouldNotBeNull();
        sunk.Value.ShouldBePositive();
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 11, 4, 0, 22, 7));
        record.Cost.ShouldBe(new NanoUsd((33 * Dollar.Value / 1_000_000) + sunk.Value));
        record.Attempts[1].SunkCost.ShouldBeNull();
    }

    [Fact]
    public async Task Answer_LoserMayBeBilled_EachBudgetAndTheTokensHoldWhatIsTheirs()
    {
        await using ScriptedUpstream slow = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        await using ScriptedUpstream quick = ScriptedUpstream.Json(Answers.Chat);
        const int Tpm = 1_000_000;
        ApiKeyDefinition key = TestGateway.KeyOf(TestGateway.Key, tpm: Tpm);
        CatalogDefinition catalog = Hedged([slow.Url, quick.Url]) with
        {
            Keys = [key],
            Prices = [Price(Dollar)],
            Budgets = [BudgetOf(ScopeKind.Key, key.Id), BudgetOf(ScopeKind.Provider, "p0"), BudgetOf(ScopeKind.Provider, "p1")],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        NanoUsd sunk = (await gateway.NextRecordAsync()).Attempts[0].SunkCost.ShouldNotBeNull();
        var answer = new NanoUsd(33 * Dollar.Value / 1_000_000);
        CatalogSnapshot current = gateway.Catalog.Current;
        LimitScope ofKey = current.Keys.Values.Single().Scopes.Single();
        await Eventually.TrueAsync(() => SpentOf(ofKey) == answer + sunk);
        await Eventually.TrueAsync(() => SpentOf(current.Providers["provider-0"].Limits!) == sunk);
        await Eventually.TrueAsync(() => SpentOf(current.Providers["provider-1"].Limits!) == answer);
        long sunkTokens = sunk.Value * 1_000_000 / Dollar.Value;
        ofKey.State.Window.Peek((long)TimeProvider.System.GetElapsedTime(0).TotalMilliseconds, 0, Tpm).RemainingTokens.ShouldBe(Tpm - 33 - sunkTokens);
    }

    [Fact]
    public async Task Answer_OfUnknownPrice_LoserIsPaidFromTheBudgetAllTheSame()
    {
        await using ScriptedUpstream slow = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        await using ScriptedUpstream quick = ScriptedUpstream.Json(Answers.Chat);
        ApiKeyDefinition key = TestGateway.KeyOf(TestGateway.Key);
        CatalogDefinition catalog = Hedged([slow.Url, quick.Url]) with
        {
            Keys = [key],
            Prices = [Price(Dollar) with { Provider = "provider-0" }],
            Budgets = [BudgetOf(ScopeKind.Key, key.Id)],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        record.Cost.ShouldBeNull("a part is no cost of the whole");
        NanoUsd sunk = record.Attempts[0].SunkCost.ShouldNotBeNull();
        await Eventually.TrueAsync(() => SpentOf(gateway.Catalog.Current.Keys.Values.Single().Scopes.Single()) == sunk);
    }

    [Fact]
    public async Task Stream_WinnerOutgrowsWhatIsHeld_LoserStaysHeldFor()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream slow = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        // More than the request allows, but less than is held for a second backend: what the loser used must not be taken for room.
        await using ScriptedUpstream quick = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\ndata: {Answers.Delta(string.Concat(Enumerable.Repeat(" word", 150)))}\n\n");
            await seen.Task.WaitAsync(c.Stop);
            await c.ChunkAsync($"data: {Answers.Finish}\n\ndata: {Answers.Usage}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        ApiKeyDefinition key = TestGateway.KeyOf(TestGateway.Key);
        CatalogDefinition catalog = Hedged([slow.Url, quick.Url]) with { Keys = [key], Prices = [Price(Dollar)], Budgets = [BudgetOf(ScopeKind.Key, key.Id)] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);
        string body = TestGateway.Body("\"stream\":true,\"max_tokens\":10").Replace("hello", string.Concat(Enumerable.Repeat("hello ", 600)), StringComparison.Ordinal);

        using HttpResponseMessage answer = await gateway.PostAsync(body, completion: HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        await ReadToAsync(reader, "word");
        NanoUsd held = StateOf(gateway.Catalog.Current.Keys.Values.Single().Scopes.Single()).Reserved;
        seen.SetResult();
        await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        held.Value.ShouldBeGreaterThan((await gateway.NextRecordAsync()).ReservedCost.Value);
    }

    [Fact]
    public async Task Answer_FirstIsInTime_OnlyItIsAsked()
    {
        await using ScriptedUpstream first = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream second = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Hedged([first.Url, second.Url], after: 20_000));

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        record.Attempts.Count.ShouldBe(1);
        second.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Answer_SecondFails_FirstStillAnswers()
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream slow = ScriptedUpstream.Start(async c =>
        {
            await failed.Task.WaitAsync(c.Stop);
            await c.JsonAsync(Answers.Chat);
        });
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using TestGateway gateway = await TestGateway.StartAsync(Hedged([slow.Url, bad.Url]));

        Task<HttpResponseMessage> asking = gateway.ChatAsync();
        await SecondHasFailedAsync(gateway);
        failed.SetResult();
        (await asking).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        record.Provider.ShouldBe("provider-0");
        record.Attempts.Select(a => a.ErrorKind).ShouldBe(["upstream_server_error", null]);
        await NothingIsHeldAsync(gateway);
    }

    [Fact]
    public async Task Answer_BothFail_IsTheErrorAndNothingIsHeld()
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream slow = ScriptedUpstream.Start(async c =>
        {
            await failed.Task.WaitAsync(c.Stop);
            await c.JsonAsync(Answers.Error("slow and bad"), 500);
        });
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using TestGateway gateway = await TestGateway.StartAsync(Hedged([slow.Url, bad.Url]));

        Task<HttpResponseMessage> asking = gateway.ChatAsync();
        await SecondHasFailedAsync(gateway);
        failed.SetResult();
        (await asking).StatusCode.ShouldBe(HttpStatusCode.BadGateway);

        UsageRecord record = await gateway.NextRecordAsync();
        record.Attempts.Count.ShouldBe(2);
        record.Cost.GetValueOrDefault().Value.ShouldBe(0);
        await NothingIsHeldAsync(gateway);
    }

    [Fact]
    public async Task Stream_ClientLeavesWhileBothAreAsked_BothAreCancelled()
    {
        int closed = 0;
        async Task Silent(UpstreamConnection c)
        {
            await c.WaitForCloseAsync();
            Interlocked.Increment(ref closed);
        }
        await using ScriptedUpstream one = ScriptedUpstream.Start(Silent);
        await using ScriptedUpstream two = ScriptedUpstream.Start(Silent);
        await using TestGateway gateway = await TestGateway.StartAsync(Hedged([one.Url, two.Url]));
        using var leaving = new CancellationTokenSource();
        Task asking = gateway.Client.PostAsync("/v1/chat/completions", new StringContent(TestGateway.Body(Streamed), null, "application/json"), leaving.Token);
        await Eventually.TrueAsync(() => two.Seen.Count == 1);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        await Eventually.TrueAsync(() => Volatile.Read(ref closed) == 2);
        (await gateway.NextRecordAsync()).Status.ShouldBe(499);
        await NothingIsHeldAsync(gateway);
    }

    // Wei-Shaw/sub2api#4408: what is asked twice is held for twice; a budget with room for one asks one.
    [Theory]
    [InlineData(100_000, true, 2)]
    [InlineData(1500, true, 1)]
    // One that only warns keeps nobody from anything.
    [InlineData(1500, false, 2)]
    public async Task Budget_HoldsForBothOrAsksOne(long micros, bool hard, int asked)
    {
        await using ScriptedUpstream slow = ScriptedUpstream.Start(async c =>
        {
            // Where a second is asked it answers, however late that is.
            await Task.Delay(asked == 2 ? Timeout.Infinite : 700, c.Stop);
            await c.JsonAsync(Answers.Chat);
        });
        await using ScriptedUpstream quick = ScriptedUpstream.Json(Answers.Chat);
        ApiKeyDefinition key = TestGateway.KeyOf(TestGateway.Key);
        CatalogDefinition catalog = Hedged([slow.Url, quick.Url]) with
        {
            Keys = [key],
            Prices = [Price(Dollar)],
            Budgets = [BudgetOf(ScopeKind.Key, key.Id) with { Amount = new NanoUsd(micros * 1000), Hard = hard }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);
        // A call that holds most of the small budget already.
        Task<HttpResponseMessage> first = gateway.ChatAsync();
        await Eventually.TrueAsync(() => slow.Seen.Count == 1);

        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);

        (slow.Seen.Count + quick.Seen.Count).ShouldBe(asked);
        UsageRecord record = await gateway.NextRecordAsync();
        long one = record.ReservedCost.Value / asked;
        one.ShouldBeInRange(1_000_000, 1_500_000);
    }

    private static Task SecondHasFailedAsync(TestGateway gateway) =>
        Eventually.TrueAsync(() => gateway.Catalog.Current.Backends["b1"].State.Breaker.FailuresInRow == 1);

    private static CatalogDefinition Hedged(Uri[] upstreams, int after = 80)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstreams);
        return catalog with
        {
            Models = [catalog.Models[0] with { DefaultRoute = "hedged" }],
            Routes = [new RouteDefinition { Id = "r", Name = "hedged", Steps = [new RouteStepDefinition { Model = "m" }], HedgeAfter = TimeSpan.FromMilliseconds(after) }],
        };
    }

    private static async Task ReadToAsync(StreamReader reader, string word)
    {
        while (!(await reader.ReadLineAsync(TestContext.Current.CancellationToken))!.Contains(word, StringComparison.Ordinal))
        {
        }
    }

    private static BudgetDefinition BudgetOf(ScopeKind scope, string of) =>
        new() { Id = $"budget-{of}", Name = $"budget-{of}", Scope = scope, Of = of, Amount = NanoUsd.FromDollars(100) };

    private static BudgetState StateOf(LimitScope scope) => scope.Budgets.Single().Meter.Read(scope.Budgets.Single(), TimeProvider.System.GetUtcNow());

    private static NanoUsd SpentOf(LimitScope scope) => StateOf(scope).Spent;

    private static ModelPrice Price(NanoUsd each) => new()
    {
        Model = "real-model",
        EffectiveFrom = DateTimeOffset.UnixEpoch,
        InputPerMillion = each,
        CachedInputPerMillion = each,
        OutputPerMillion = each,
        Version = "test",
    };

    private static Task NothingIsHeldAsync(TestGateway gateway) => Eventually.TrueAsync(() =>
        gateway.Catalog.Current.FindModel("m")!.Backends.All(b => b.State.InFlight == 0 && b.Provider.State.InFlight == 0));

    private static async Task<string> TextAsync(HttpResponseMessage response) => await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
