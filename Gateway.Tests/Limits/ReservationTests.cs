using System.Net;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Limits;

/// <summary>What a call reserves: a figure in its body neither switches limits off nor locks out the others.</summary>
public sealed class ReservationTests
{
    private const int Tpm = 10_000_000;

    [Theory]
    [InlineData("\"max_tokens\":5000000000000000000,\"n\":2")]
    [InlineData("\"max_tokens\":9223372036854775807,\"n\":1")]
    [InlineData("\"max_completion_tokens\":9223372036854775807,\"n\":3")]
    public async Task AbsurdMaxTokens_WhileItRuns_OthersAreStillLimitedAndStillPass(string more)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            if (c.Last!.Body.Contains("\"n\":", StringComparison.Ordinal))
            {
                await answer.Task.WaitAsync(c.Stop);
            }
            await c.JsonAsync(Answers.Chat);
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key, tpm: Tpm)] });
        Task<HttpResponseMessage> absurd = gateway.ChatAsync(more);
        await Eventually.TrueAsync(() => upstream.Seen.Count == 1);

        long left = WindowOf(gateway).RemainingTokens;

        left.ShouldBeInRange(1, Tpm - 1_000_000);
        (await gateway.ChatAsync("\"max_tokens\":9")).StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.SetResult();
        (await absurd).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Eventually.TrueAsync(() => WindowOf(gateway).RemainingTokens == Tpm - 66);
    }

    // Of best_of answers all are paid for, however few are sent.
    [Theory]
    [InlineData("", 1)]
    [InlineData(",\"n\":4", 4)]
    [InlineData(",\"best_of\":4", 4)]
    [InlineData(",\"best_of\":4,\"n\":2", 4)]
    [InlineData(",\"best_of\":null", 1)]
    public async Task SeveralAnswers_AreReservedForWhetherOrNotTheyAreSent(string more, int answers)
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await answer.Task.WaitAsync(c.Stop);
            await c.JsonAsync("""{"id":"c","object":"text_completion","model":"real-model","choices":[{"index":0,"text":"hi","finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""");
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key, tpm: Tpm)] });
        string model = gateway.Catalog.Current.Models[0].Name;

        Task<HttpResponseMessage> call = gateway.PostAsync($$"""{"model":"{{model}}","prompt":"say hi","max_tokens":3000{{more}}}""", "/v1/completions");
        await Eventually.TrueAsync(() => upstream.Seen.Count == 1);

        (Tpm - WindowOf(gateway).RemainingTokens).ShouldBeInRange(answers * 3000, (answers * 3000) + 100);
        answer.SetResult();
        (await call).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    // At a price that makes the cost more than a number holds.
    [Fact]
    public async Task AbsurdMaxTokensAndPrice_CallIsServedAndTheBudgetStaysSpent()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        var price = new NanoUsd(long.MaxValue);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with
        {
            Prices = [new ModelPrice { Model = "*", EffectiveFrom = DateTimeOffset.UnixEpoch, InputPerMillion = price, OutputPerMillion = price, Version = "test" }],
            Keys = [TestGateway.KeyOf(TestGateway.Key)],
            Budgets = [new BudgetDefinition { Id = "b", Name = "b", Scope = ScopeKind.Key, Of = TestGateway.Key, Amount = NanoUsd.FromDollars(1), Period = BudgetPeriod.Day }],
        });

        (await gateway.ChatAsync("\"max_tokens\":9223372036854775807,\"n\":1024")).StatusCode.ShouldBe(HttpStatusCode.OK);

        Budget budget = gateway.Catalog.Current.Budgets["b"];
        await Eventually.TrueAsync(() => budget.Meter.Read(budget, TimeProvider.System.GetUtcNow()).InFlight == 0);
        BudgetState state = budget.Meter.Read(budget, TimeProvider.System.GetUtcNow());
        state.Spent.Value.ShouldBePositive();
        state.Reserved.ShouldBe(NanoUsd.Zero);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public void Money_BeyondItsRange_StaysAtItsEnd()
    {
        var most = new NanoUsd(long.MaxValue);

        (most + most).ShouldBe(most);
        (new NanoUsd(long.MinValue) - most).ShouldBe(new NanoUsd(long.MinValue));
        (most - most).ShouldBe(NanoUsd.Zero);
    }

    private static LimitDecision WindowOf(TestGateway gateway) => gateway.Catalog.Current.Keys.Values.Single().Scopes.Single()
        .State.Window.Peek((long)TimeProvider.System.GetElapsedTime(0).TotalMilliseconds, 0, Tpm);
}
