using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Limits;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>What other gateways let through, leaked or counted wrongly: budgets and limits under load, each named after what it prevents.</summary>
public sealed class SpendIncidentTests
{
    // One answer of Answers.Chat: 11 tokens in, 22 out, at a dollar for a thousand.
    private const long AnswerNanoUsd = 33 * 1_000_000;
    private static readonly NanoUsd PerMillion = NanoUsd.FromDollars(1000);

    // litellm#34732: checked first, spent later; the overshoot was the concurrency.
    [Fact]
    public async Task BudgetAlmostSpent_200InParallel_OvershootsByOneCallAtMost()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Budgeted(upstream.Url, ScopeKind.Key, dollars: 0.33m));

        HttpStatusCode[] answers = await SendAsync(gateway, 200, """ "max_tokens":22 """);

        answers.ShouldAllBe(s => s == HttpStatusCode.OK || s == HttpStatusCode.TooManyRequests);
        BudgetState state = await SettledAsync(gateway);
        state.Spent.Value.ShouldBe(upstream.Seen.Count * AnswerNanoUsd);
        state.Spent.Value.ShouldBeLessThanOrEqualTo(NanoUsd.FromDollars(0.33m).Value + AnswerNanoUsd);
        answers.ShouldContain(HttpStatusCode.OK);
    }

    // litellm#34732 again, of streams; litellm#14457: a client that leaves does not leave without paying.
    [Fact]
    public async Task BudgetAlmostSpent_StreamsThatAreAborted_StillOvershootByOneCallAtMost()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Delta("some words that were sent before anybody left")}\n\n");
            await Task.Delay(Timeout.Infinite, c.Stop);
        });
        await using TestGateway gateway = await TestGateway.StartAsync(Budgeted(upstream.Url, ScopeKind.Key, dollars: 0.2m));

        for (int round = 0; round < 40 && Standing(gateway).Remaining.Value > 0; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            {
                using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body("\"stream\":true,\"max_tokens\":8"), completion: HttpCompletionOption.ResponseHeadersRead);
                if (response.IsSuccessStatusCode)
                {
                    await using Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
                    await body.ReadExactlyAsync(new byte[40], TestContext.Current.CancellationToken);
                }
            }));
            await SettledAsync(gateway);
        }

        BudgetState state = await SettledAsync(gateway);
        state.Spent.Value.ShouldBeGreaterThanOrEqualTo(NanoUsd.FromDollars(0.15m).Value);
        state.Spent.Value.ShouldBeLessThanOrEqualTo(NanoUsd.FromDollars(0.2m).Value + (60 * 1_000_000));
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    // litellm#27639: reservations of failed calls leaked, and the key was refused at no spend.
    [Fact]
    public async Task UpstreamFails200Times_NothingStaysReserved()
    {
        bool healthy = false;
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c =>
            Volatile.Read(ref healthy) ? c.JsonAsync(Answers.Chat) : c.JsonAsync(Answers.Error("broken"), 500));
        // The circuit would keep the call that follows away for a while.
        var options = new GatewayOptions { MaxRetries = 0, Breaker = new BreakerSettings { ConsecutiveFailures = 0, FailureRate = 0 } };
        await using TestGateway gateway = await TestGateway.StartAsync(Budgeted(upstream.Url, ScopeKind.Team, dollars: 1), options);
        await SendAsync(gateway, 200);

        BudgetState state = await SettledAsync(gateway);
        (state.Spent, state.Reserved, state.InFlight).ShouldBe((NanoUsd.Zero, NanoUsd.Zero, 0));
        Volatile.Write(ref healthy, true);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    // litellm#40050: the counter and the recorded spend were two numbers.
    [Theory]
    [InlineData(ScopeKind.Key)]
    [InlineData(ScopeKind.Team)]
    [InlineData(ScopeKind.Model)]
    [InlineData(ScopeKind.Provider)]
    [InlineData(ScopeKind.Gateway)]
    public async Task Counter_AfterManyCalls_IsTheSumOfTheRecords(ScopeKind scope)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Budgeted(upstream.Url, scope, dollars: 1000));

        await SendAsync(gateway, 30);

        long recorded = 0;
        for (int i = 0; i < 30; i++)
        {
            recorded += (await gateway.NextRecordAsync()).Cost!.Value.Value;
        }
        (await SettledAsync(gateway)).Spent.Value.ShouldBe(recorded);
        recorded.ShouldBe(30 * AnswerNanoUsd);
    }

    // maximhq/bifrost#2873: pass-through routes skipped the budget. Every route that can cost something is asked here.
    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/completions")]
    [InlineData("/v1/embeddings")]
    [InlineData("/v1/responses")]
    [InlineData("/v1/messages")]
    [InlineData("/v1beta/models/m:generateContent")]
    [InlineData("/v1/rerank")]
    [InlineData("/v1/moderations")]
    [InlineData("/v1/images/generations")]
    [InlineData("/v1/audio/speech")]
    [InlineData("/openai/deployments/m/chat/completions?api-version=2024-10-21")]
    [InlineData("/v1/batches")]
    public async Task ExhaustedKey_OnEveryRoute_IsRefusedAndNothingReachesTheUpstream(string path)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(
            Budgeted(upstream.Url, ScopeKind.Key, dollars: 0), new() { MaxRetries = 0, DefaultProvider = "provider-0" });
        string body = """
            {"model":"m","messages":[{"role":"user","content":"x"}],"prompt":"x","input":"x","query":"x","documents":["x"],
             "voice":"alloy","max_tokens":5,"contents":[{"parts":[{"text":"x"}]}]}
            """;

        using HttpResponseMessage response = await gateway.PostAsync(body, path);

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        upstream.Seen.ShouldBeEmpty();
    }

    // litellm#16011: limits at the same time that were per worker, or that a broken client locked for ever.
    [Fact]
    public async Task ParallelLimit_ClientsThatBreakOff_GiveTheirPlacesBack()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Delta("x")}\n\n");
            await Task.Delay(Timeout.Infinite, c.Stop);
        });
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key) with { MaxParallel = 5 }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        HttpResponseMessage[] first = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            gateway.PostAsync(TestGateway.Body("\"stream\":true"), completion: HttpCompletionOption.ResponseHeadersRead)));

        first.Count(r => r.IsSuccessStatusCode).ShouldBe(5);
        HttpResponseMessage refused = first.First(r => !r.IsSuccessStatusCode);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("limit 5");
        foreach (HttpResponseMessage response in first)
        {
            response.Dispose();
        }
        LimitScope scope = gateway.Catalog.Current.Keys.Values.Single().Scopes.Single();
        await Eventually.TrueAsync(() => scope.State.InFlight == 0);
        using HttpResponseMessage again = await gateway.PostAsync(TestGateway.Body("\"stream\":true"), completion: HttpCompletionOption.ResponseHeadersRead);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    // QuantumNous/new-api#5289: an error's text was billed as output; #5235: a stream without usage was refunded whole.
    [Fact]
    public async Task StreamCutBeforeItsUsage_CostsWhatWasReceived_AnErrorCostsNothing()
    {
        bool fails = false;
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            if (Volatile.Read(ref fails))
            {
                await c.JsonAsync(Answers.Error("a long story about what went wrong, in many words"), 400);
                return;
            }
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Delta("ten words or so that the client did receive before the cut")}\n\n");
            c.Reset();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(Budgeted(upstream.Url, ScopeKind.Key, dollars: 100));

        using HttpResponseMessage cut = await gateway.PostAsync(TestGateway.Body("\"stream\":true"), completion: HttpCompletionOption.ResponseHeadersRead);
        try
        {
            await cut.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            // Cut.
        }
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.Source.ShouldBe(UsageSource.Estimated);
        record.Usage.OutputTokens.ShouldBeInRange(8, 20);
        NanoUsd afterCut = (await SettledAsync(gateway)).Spent;
        afterCut.ShouldBe(record.Cost!.Value);

        Volatile.Write(ref fails, true);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await SettledAsync(gateway)).Spent.ShouldBe(afterCut);
    }

    [Theory]
    [InlineData(ScopeKind.Team, "of the team crew")]
    [InlineData(ScopeKind.Model, "of the model m")]
    [InlineData(ScopeKind.Gateway, "of the whole gateway")]
    public async Task Refusal_ByABudget_NamesItAndWhenItStartsAnew(ScopeKind scope, string whose)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(Budgeted(upstream.Url, scope, dollars: 0));

        using HttpResponseMessage response = await gateway.ChatAsync();

        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("insufficient_quota");
        string message = error.GetProperty("message").GetString()!;
        message.ShouldContain("The budget \"spend\" " + whose);
        message.ShouldContain("It starts anew at ");
        response.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
    }

    // A provider's budget is another backend's chance.
    [Fact]
    public async Task ProviderWhoseBudgetIsSpent_IsPassedOver()
    {
        await using ScriptedUpstream first = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream second = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(first.Url, second.Url) with
        {
            Budgets = [new BudgetDefinition { Id = "b", Name = "spend", Scope = ScopeKind.Provider, Of = "provider-0", Amount = NanoUsd.Zero }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        first.Seen.ShouldBeEmpty();
        second.Seen.Count.ShouldBe(1);
    }

    private static CatalogDefinition Budgeted(Uri upstream, ScopeKind scope, decimal dollars) => TestGateway.ModelOver(upstream) with
    {
        Teams = [new TeamDefinition { Id = "t", Name = "crew" }],
        Keys = [TestGateway.KeyOf(TestGateway.Key) with { Team = "crew" }],
        Prices = [new ModelPrice { Model = "*", EffectiveFrom = DateTimeOffset.UnixEpoch, InputPerMillion = PerMillion, OutputPerMillion = PerMillion, Version = "test" }],
        Budgets =
        [
            new BudgetDefinition
            {
                Id = "b",
                Name = "spend",
                Scope = scope,
                Of = scope switch { ScopeKind.Key => TestGateway.Key, ScopeKind.Team => "crew", ScopeKind.Model => "m", ScopeKind.Provider => "provider-0", _ => "" },
                Amount = NanoUsd.FromDollars(dollars),
                Period = BudgetPeriod.Day,
            },
        ],
    };

    private static async Task<HttpStatusCode[]> SendAsync(TestGateway gateway, int count, string more = "")
    {
        HttpResponseMessage[] all = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => gateway.ChatAsync(more)));
        return [.. all.Select(r => r.StatusCode)];
    }

    private static BudgetState Standing(TestGateway gateway)
    {
        Budget budget = gateway.Catalog.Current.Budgets["b"];
        return budget.Meter.Read(budget, TimeProvider.System.GetUtcNow());
    }

    /// <summary>How the budget stands once nothing runs any more.</summary>
    private static async Task<BudgetState> SettledAsync(TestGateway gateway)
    {
        await Eventually.TrueAsync(() => Standing(gateway).InFlight == 0);
        return Standing(gateway);
    }
}
