using System.Net;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>What a client sees, and what an upstream gets, when a provider has several keys.</summary>
public class CredentialRotationTests
{
    private static readonly CredentialDefinition Tired = new() { Id = "1", Label = "tired", Secret = "sk-tired" };
    private static readonly CredentialDefinition Fresh = new() { Id = "2", Label = "fresh", Secret = "sk-fresh" };

    [Theory]
    [InlineData(429, "rate_limit_error", "Retry-After: 30\r\n")]
    [InlineData(429, "rate_limit_error", "")]
    [InlineData(429, "insufficient_quota", "")]
    [InlineData(402, "billing", "")]
    [InlineData(403, "permission_error", "")]
    public async Task Call_OneKeyLimitedOrDead_NextKeyAnswersInTheSameCall(int status, string type, string headers)
    {
        await using ScriptedUpstream upstream = ByKey(c => c.JsonAsync(Answers.Error("no", type, type), status, headers));
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogWith(upstream.Url, Tired, Fresh));

        for (int i = 0; i < 4; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        // A 403 may be about what was asked: the first of them gives a short pause only.
        upstream.Seen.Count(r => r.Headers["Authorization"] == "Bearer sk-tired").ShouldBeInRange(1, status == 403 ? 2 : 1);
        upstream.Seen.Count(r => r.Headers["Authorization"] == "Bearer sk-fresh").ShouldBe(4);
    }

    [Fact]
    public async Task Call_OneRequestForbidden_NextOneIsStillAsked()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.Last!.Body.Contains("odd", StringComparison.Ordinal)
            ? c.JsonAsync(Answers.Error("no", "permission_error"), 403)
            : c.JsonAsync(Answers.Chat));
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogWith(upstream.Url, Fresh));

        (await gateway.ChatAsync("\"user\":\"odd\"")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.ChatAsync("\"user\":\"odd\"")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await gateway.ChatAsync("\"user\":\"odd\"")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        upstream.Seen.Count.ShouldBe(4);

        // Twice in a row: now it is taken to be about the key.
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        upstream.Seen.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Call_EveryKeyLimited_ShortestWaitIsTold()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.JsonAsync(
            Answers.Error("slow down", "rate_limit_error"), 429, $"Retry-After: {(c.Last!.Headers["Authorization"].EndsWith("tired", StringComparison.Ordinal) ? 300 : 90)}\r\n"));
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogWith(upstream.Url, Tired, Fresh));

        foreach (int _ in (int[])[1, 2])
        {
            HttpResponseMessage response = await gateway.ChatAsync();

            response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            response.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(30, 90);
        }
        // The second call knew without asking.
        upstream.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Call_KeysAtTheirOwnLimits_NextBackendTakesOver()
    {
        await using ScriptedUpstream small = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream large = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(small.Url, large.Url);
        catalog = catalog with { Providers = [catalog.Providers[0] with { Credentials = [Tired with { RpmLimit = 1 }, Fresh with { RpmLimit = 1 }] }, catalog.Providers[1]] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        for (int i = 0; i < 5; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        small.Seen.Select(r => r.Headers["Authorization"]).ShouldBe(["Bearer sk-tired", "Bearer sk-fresh"], ignoreOrder: true);
        large.Seen.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Call_OnlyBackendAtItsLimit_IsToldWhenOneMoreFits()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogWith(upstream.Url, Tired with { RpmLimit = 1 }));
        await gateway.ChatAsync();

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(30, 61);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        body.ShouldContain("provider-0");
        body.ShouldNotContain("tired");
        upstream.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_StreamOnATokenLimitedKey_SettlesWithWhatWasReported()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Role, Answers.Delta("hi"), Answers.Finish, Answers.Usage, Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(CatalogWith(upstream.Url, Tired with { TpmLimit = 50_000 }));

        await gateway.ChatAsync("\"stream\":true");
        UsageRecord record = await gateway.NextRecordAsync();

        CredentialState state = gateway.Catalog.Current.Providers["provider-0"].Pool[0].State;
        await Eventually.TrueAsync(() => state.InFlight == 0 && state.TokensInFlight == 0);
        state.Window.Peek((long)TimeProvider.System.GetElapsedTime(0).TotalMilliseconds, 0, 50_000).RemainingTokens.ShouldBe(50_000 - record.Usage.TotalTokens);
    }

    private static ScriptedUpstream ByKey(Func<UpstreamConnection, Task> tired) => ScriptedUpstream.Start(c =>
        c.Last!.Headers["Authorization"] == "Bearer sk-tired" ? tired(c) : c.JsonAsync(Answers.Chat));

    private static CatalogDefinition CatalogWith(Uri url, params CredentialDefinition[] credentials)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(url);
        return catalog with { Providers = [catalog.Providers[0] with { Credentials = credentials }] };
    }
}
