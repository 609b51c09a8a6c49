using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

public class FailoverTests
{
    private static ScriptedUpstream Good() => ScriptedUpstream.Json(Answers.Chat);

    [Theory]
    [InlineData(429, """{"error":{"message":"slow down","type":"rate_limit_error"}}""", "upstream_rate_limited")]
    [InlineData(500, """{"error":{"message":"boom"}}""", "upstream_server_error")]
    [InlineData(503, "<html>warming up</html>", "upstream_server_error")]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-upstream-secret-0"}}""", "upstream_authentication")]
    [InlineData(429, """{"error":{"message":"You exceeded your quota","type":"insufficient_quota","code":"insufficient_quota"}}""", "upstream_quota_exhausted")]
    [InlineData(200, """{"error":{"message":"model exploded","type":"server_error"}}""", "upstream_server_error")]
    [InlineData(200, "null", "upstream_invalid_response")]
    [InlineData(200, "", "upstream_invalid_response")]
    [InlineData(200, "<html>hello</html>", "upstream_invalid_response")]
    [InlineData(200, "{}", "upstream_invalid_response")]
    public async Task Call_FirstBackendFails_SecondAnswers(int status, string body, string kind)
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(body, status);
        await using ScriptedUpstream good = Good();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(bad.Url, good.Url));

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        UsageRecord record = await gateway.NextRecordAsync();
        record.Attempts.Select(a => a.ErrorKind).ShouldBe([kind, null]);
        record.Provider.ShouldBe("provider-1");
        record.FallbackOccurred.ShouldBeTrue();
        record.Usage.OutputTokens.ShouldBe(22);
        bad.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_ConnectionRefused_SecondAnswers()
    {
        var dead = new Uri("http://127.0.0.1:9/v1");
        await using ScriptedUpstream good = Good();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(dead, good.Url));

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await gateway.NextRecordAsync()).Attempts[0].ErrorKind.ShouldBe("upstream_connection");
    }

    // Servers close connections that were idle, and the next request crosses that on its way: nothing is wrong with them, and it is nobody's retry.
    [Fact]
    public async Task Call_ConnectionThatTheUpstreamHasJustClosed_IsSentAgainOnANewOne()
    {
        await using ScriptedUpstream closing = FirstRequestOnly(TimeSpan.Zero);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(closing.Url), new GatewayOptions { MaxRetries = 0 });

        for (int i = 0; i < 30; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
            UsageRecord record = await gateway.NextRecordAsync();
            record.Attempts.Count.ShouldBe(1);
            record.Usage.OutputTokens.ShouldBe(22);
        }
        closing.Seen.Count.ShouldBeGreaterThan(30, "or no connection was used again");
    }

    // It may have worked on the request, and billed it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_UpstreamThatBreaksDownOverIt_IsAskedOnce(bool fresh)
    {
        await using ScriptedUpstream breaking = fresh
            ? ScriptedUpstream.Start(c =>
            {
                c.Break();
                return Task.CompletedTask;
            })
            : FirstRequestOnly(TimeSpan.FromMilliseconds(1_200));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(breaking.Url), new GatewayOptions { MaxRetries = 0 });
        int before = 0;
        if (!fresh)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
            before = breaking.Seen.Count;
        }

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);

        (breaking.Seen.Count - before).ShouldBe(1);
    }

    private static ScriptedUpstream FirstRequestOnly(TimeSpan before)
    {
        var served = new ConcurrentDictionary<UpstreamConnection, bool>();
        return ScriptedUpstream.Start(async c =>
        {
            if (served.TryAdd(c, true))
            {
                await c.JsonAsync(Answers.Chat);
                return;
            }
            await Task.Delay(before, c.Stop);
            c.Break();
        });
    }

    // A firewall may not like what was said, or the gateway's address: elsewhere the request may pass.
    [Fact]
    public async Task Call_RefusedByAFirewall_SecondAnswersAndTheCredentialStays()
    {
        await using ScriptedUpstream blocked = ScriptedUpstream.Start(c => c.JsonAsync("<!DOCTYPE html><html><body>Sorry, you have been blocked</body></html>", 403));
        await using ScriptedUpstream good = Good();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(blocked.Url, good.Url));

        for (int i = 0; i < 2; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        (await gateway.NextRecordAsync()).Attempts[0].ErrorKind.ShouldBe("upstream_refused");
        blocked.Seen.Count.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Call_RefusedByTheOnlyFirewall_IsThe403AndAskedOnce()
    {
        await using ScriptedUpstream blocked = ScriptedUpstream.Start(c => c.JsonAsync("<html>no</html>", 403));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(blocked.Url));

        HttpResponseMessage answer = await gateway.ChatAsync();

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"code\":\"upstream_firewall\"");
        blocked.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_UpstreamSilent_TimesOutAndMovesOn()
    {
        await using ScriptedUpstream silent = ScriptedUpstream.Start(c => Task.Delay(Timeout.Infinite, c.Stop));
        await using ScriptedUpstream good = Good();
        CatalogDefinition catalog = TestGateway.ModelOver(silent.Url, good.Url);
        var impatient = new TimeoutSettings { FirstByte = TimeSpan.FromMilliseconds(200) };
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Providers = [catalog.Providers[0] with { Timeouts = impatient }, catalog.Providers[1]] }, new GatewayOptions());

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await gateway.NextRecordAsync()).Attempts[0].ErrorKind.ShouldBe("upstream_timeout");
    }

    [Fact]
    public async Task Call_UpstreamResetsBeforeAnswer_SecondAnswers()
    {
        await using ScriptedUpstream broken = ScriptedUpstream.Start(c =>
        {
            c.Reset();
            return Task.CompletedTask;
        });
        await using ScriptedUpstream good = Good();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(broken.Url, good.Url));

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Call_UpstreamRefusesRequest_IsNotRetriedAndKeepsItsMeaning()
    {
        await using ScriptedUpstream refusing = ScriptedUpstream.Json(
            """{"error":{"message":"max_tokens is too large","type":"invalid_request_error","param":"max_tokens","code":"too_large"}}""", 400);
        await using ScriptedUpstream good = Good();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(refusing.Url, good.Url), new GatewayOptions());

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonElement error = await ErrorOf(response);
        error.GetProperty("message").GetString().ShouldBe("max_tokens is too large");
        error.GetProperty("param").GetString().ShouldBe("max_tokens");
        error.GetProperty("code").GetString().ShouldBe("too_large");
        good.Seen.ShouldBeEmpty();
        refusing.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_UpstreamRefusesCredential_ClientNeverSeesItAsItsOwn()
    {
        await using ScriptedUpstream refusing = ScriptedUpstream.Json(
            """{"error":{"message":"Incorrect API key provided: sk-upstream-secret-0","type":"authentication_error"}}""", 401);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(refusing.Url));

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        body.ShouldContain("upstream_authentication_error");
        body.ShouldNotContain("sk-upstream-secret");
        body.ShouldNotContain("127.0.0.1");
    }

    [Fact]
    public async Task Call_OneCredentialOfTwoRefused_OtherIsTried()
    {
        var seen = new List<string>();
        await using ScriptedUpstream choosy = Choosy(seen);
        CatalogDefinition catalog = TestGateway.ModelOver(choosy.Url);
        catalog = catalog with
        {
            Providers = [catalog.Providers[0] with
            {
                Credentials =
                [
                    new CredentialDefinition { Id = "1", Label = "dead", Secret = "sk-dead" },
                    new CredentialDefinition { Id = "2", Label = "live", Secret = "sk-live" },
                ],
            }],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        for (int i = 0; i < 4; i++)
        {
            (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        // Refused once, then set aside.
        choosy.Seen.Count(r => r.Headers["Authorization"] == "Bearer sk-dead").ShouldBe(1);
        choosy.Seen.Count(r => r.Headers["Authorization"] == "Bearer sk-live").ShouldBe(4);
    }

    [Fact]
    public async Task Call_OnlyBackendFailsThenRecovers_IsRetriedAfterPause()
    {
        int calls = 0;
        await using ScriptedUpstream flaky = ScriptedUpstream.Start(c =>
            Interlocked.Increment(ref calls) < 3 ? c.JsonAsync(Answers.Error("busy"), 503) : c.JsonAsync(Answers.Chat));
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(flaky.Url), new GatewayOptions { RetryBackoff = TimeSpan.FromMilliseconds(5) });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        record.Attempts.Count.ShouldBe(3);
        record.FallbackOccurred.ShouldBeFalse();
    }

    [Fact]
    public async Task Call_RetryAfterLongerThanWorthWaiting_IsPassedOnAtOnce()
    {
        await using ScriptedUpstream limited = ScriptedUpstream.Json(Answers.Error("slow down", "rate_limit_error"), 429, "Retry-After: 120\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(limited.Url), new GatewayOptions());

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(120));
        limited.Seen.Count.ShouldBe(1);
    }

    // A backend that could never serve the request says nothing of one that could, and is only busy.
    [Fact]
    public async Task Call_NextBackendCannotServeIt_FirstIsAskedAgainOrItsRefusalIsTold()
    {
        int calls = 0;
        await using ScriptedUpstream busy = ScriptedUpstream.Start(c => Interlocked.Increment(ref calls) switch
        {
            1 => c.JsonAsync(Answers.Error("slow down", "rate_limit_error"), 429, "retry-after-ms: 10\r\n"),
            2 => c.JsonAsync("""{"object":"list","model":"real-model","data":[{"object":"embedding","index":0,"embedding":[0.5]}]}"""),
            _ => c.JsonAsync(Answers.Error("slow down", "rate_limit_error"), 429, "Retry-After: 120\r\n"),
        });
        CatalogDefinition catalog = TestGateway.ModelOver(busy.Url, busy.Url);
        catalog = catalog with { Providers = [catalog.Providers[0], catalog.Providers[1] with { Kind = ProviderKind.Anthropic }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog, new GatewayOptions { RetryBackoff = TimeSpan.FromMilliseconds(1) });

        (await gateway.PostAsync("""{"model":"m","input":"x"}""", "/v1/embeddings")).StatusCode.ShouldBe(HttpStatusCode.OK);
        HttpResponseMessage refused = await gateway.PostAsync("""{"model":"m","input":"x"}""", "/v1/embeddings");

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task Call_RetryAfterShort_IsHonoured()
    {
        int calls = 0;
        await using ScriptedUpstream limited = ScriptedUpstream.Start(c => Interlocked.Increment(ref calls) == 1
            ? c.JsonAsync(Answers.Error("slow down"), 429, "retry-after-ms: 300\r\n")
            : c.JsonAsync(Answers.Chat));
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(limited.Url), new GatewayOptions { RetryBackoff = TimeSpan.FromMilliseconds(1) });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        (record.Attempts[1].StartUs - record.Attempts[0].StartUs).ShouldBeGreaterThanOrEqualTo(290_000);
    }

    [Fact]
    public async Task Call_AllFail_LastErrorInOpenAIEnvelope()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(bad.Url));

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await ErrorOf(response)).GetProperty("message").GetString().ShouldBe("boom");
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.Source.ShouldBe(UsageSource.None);
        record.Cost.ShouldBe(NanoUsd.Zero);
    }

    [Fact]
    public async Task Call_RouteStepsInOrder_SkipsWhatRetryOnDoesNotName()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using ScriptedUpstream good = Good();
        CatalogDefinition catalog = TestGateway.ModelOver(bad.Url, good.Url);
        catalog = catalog with
        {
            Routes =
            [
                new RouteDefinition { Id = "r1", Name = "patient", Steps = [new() { Provider = "provider-0" }, new() { Provider = "provider-1" }] },
                new RouteDefinition { Id = "r2", Name = "strict", Steps = [new() { Provider = "provider-0" }, new() { Provider = "provider-1" }], RetryOn = ["timeout"] },
            ],
        };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        (await gateway.ChatAsync("\"omni_route\":\"patient\"")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.ChatAsync("\"omni_route\":\"strict\"")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await gateway.ChatAsync("\"omni_route\":\"none\"")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        (await gateway.NextRecordAsync()).Route.ShouldBe("patient");
    }

    [Fact]
    public async Task Call_PinnedProvider_HasNoFailover()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using ScriptedUpstream good = Good();
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(good.Url, bad.Url));

        (await gateway.ChatAsync("\"omni_provider\":\"provider-1\"")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await gateway.ChatAsync("\"omni_provider\":\"nobody\"")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        good.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Call_ProviderPriority_GoesFirstThenTheRest()
    {
        await using ScriptedUpstream first = Good();
        await using ScriptedUpstream preferred = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(first.Url, preferred.Url));
        gateway.Client.DefaultRequestHeaders.Add("X-Provider-Priority", "provider-1");

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await gateway.NextRecordAsync()).Attempts.Select(a => a.Provider).ShouldBe(["provider-1", "provider-0"]);
    }

    private static ScriptedUpstream Choosy(List<string> seen)
    {
        ScriptedUpstream? self = null;
        self = ScriptedUpstream.Start(c =>
        {
            lock (seen)
            {
                seen.Add(self!.Seen.Last().Headers["Authorization"]);
                return seen[^1] == "Bearer sk-dead" ? c.JsonAsync(Answers.Error("no"), 401) : c.JsonAsync(Answers.Chat);
            }
        });
        return self;
    }

    private static async Task<JsonElement> ErrorOf(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("error");
}
