using System.Text.Json;
using Gateway.Core.Chaos;
using Gateway.Tests.Hosting;
using Gateway.Web.Alerts;
using Gateway.Web.Health;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Gateway.Web.Storage.Usage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Operations;

/// <summary>Events, targets, alerts and incidents over the admin API of the whole product.</summary>
public class OperationsApiTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Incident_OfAChaosRun_NamesEveryFlipOfTheCircuit()
    {
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct { Settings = { ["Gateway:Upstreams:MaxRetries"] = "0", ["Gateway:Upstreams:Breaker:OpenFor"] = "100ms", ["Gateway:Upstreams:Breaker:ConsecutiveFailures"] = "3" } };
        HttpClient admin = await product.StartAsync();
        (string key, string backend) = await SetUpAsync(admin, good.Url);
        DateTimeOffset begin = TimeProvider.System.GetUtcNow().AddSeconds(-1);

        string fault = (await admin.PostAsync(V1 + "/chaos", """{"fault":"server_error","provider":"p","seconds":600}""")).Id();
        for (int i = 0; i < 3; i++)
        {
            (await admin.ChatAsync(key, "m")).ShouldBe(502);
        }
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/chaos/{fault}", 204);
        await Eventually.TrueAsync(async () => await admin.ChatAsync(key, "m") == 200);
        await admin.SendAsync(HttpMethod.Post, V1 + "/health/set-aside", 200, $$"""{"backend":"{{backend}}","seconds":600}""");
        await admin.SendAsync(HttpMethod.Post, V1 + "/health/close", 200, $$"""{"backend":"{{backend}}"}""");

        int flips = product.Catalog.Current.Backends[backend].State.Breaker.FlipsSince(0).Count;
        flips.ShouldBeGreaterThanOrEqualTo(5);
        JsonElement[] seen = [];
        await Eventually.TrueAsync(async () => (seen = [.. (await admin.GetAsync(V1 + "/events?kind=circuit", 200)).EnumerateArray()]).Length == flips);
        seen.Select(e => e.GetProperty("kind").GetString()).Reverse().Take(3).ShouldBe(["circuit.open", "circuit.half_open", "circuit.closed"]);
        seen[^1].GetProperty("text").GetString()!.ShouldContain("3 calls in a row failed (last failure: upstream_server_error)");

        JsonElement draft = await admin.GetAsync($"{V1}/incidents/draft?from={Uri.EscapeDataString(begin.ToString("O"))}", 200);
        string markdown = draft.GetProperty("markdown").GetString()!;
        foreach (JsonElement flip in seen)
        {
            string line = $"| {flip.GetProperty("at").GetDateTimeOffset():yyyy-MM-dd HH:mm:ss.fff} | {flip.GetProperty("text").GetString()} |";
            markdown.ShouldContain(line);
        }
        markdown.ShouldContain("A fault on purpose began on p: server_error");
        markdown.ShouldContain("A fault on purpose ended on p");
        markdown.ShouldContain("admin-key: model.create m");
        markdown.ShouldContain("| upstream_server_error | 3 |");
        markdown.ShouldContain("| client | ");
        JsonElement wide = await admin.GetAsync($"{V1}/incidents/draft?from={Uri.EscapeDataString(begin.AddMinutes(-30).ToString("O"))}", 200);
        // The half hour before has nothing of this one.
        wide.GetProperty("markdown").GetString()!.ShouldMatch(@"\| Requests \| [1-9]\d* \| 0 \|");
    }

    [Fact]
    public async Task Events_OfAStart_AreKeptAndPaged()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await Eventually.TrueAsync(async () => (await admin.GetAsync(V1 + "/events?kind=node.start", 200)).GetArrayLength() == 1);
        await admin.PostAsync(V1 + "/models", """{"name":"a"}""");
        await admin.PostAsync(V1 + "/models", """{"name":"b"}""");
        JsonElement first = await admin.GetAsync(V1 + "/events?kind=config&limit=1", 200);
        first[0].GetProperty("text").GetString()!.ShouldContain("model.create b");
        JsonElement second = await admin.GetAsync($"{V1}/events?kind=config&limit=1&after={first[0].Id()}", 200);
        second[0].GetProperty("text").GetString()!.ShouldContain("model.create a");
        await admin.GetAsync(V1 + "/events?from=yesterday", 400);
    }

    [Fact]
    public async Task Drain_Switched_IsTakenDown()
    {
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (_, string backend) = await SetUpAsync(admin, good.Url);
        IServiceProvider services = product.Services;
        // One of its own, which looks when it is told to.
        using var watch = new OperationWatch(
            product.Catalog, services.GetRequiredService<ChaosSwitch>(), services.GetRequiredService<OperationEvents>(),
            services.GetRequiredService<GatewayDatabase>(), services.GetRequiredService<DatabaseReady>(), TimeProvider.System);
        watch.LookAround();
        string model = (await admin.GetAsync(V1 + "/models", 200))[0].Id();
        await admin.PutAsync($"{V1}/models/{model}/backends/{backend}", """{"draining":true}""");
        watch.LookAround();
        await Eventually.TrueAsync(async () => (await admin.GetAsync(V1 + "/events?kind=drain.on&subject=" + backend, 200)).GetArrayLength() > 0);
    }

    [Fact]
    public async Task Slo_OfAFailingModel_BurnsAndIsMissed()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using var product = new TestProduct { Settings = { ["Gateway:Upstreams:MaxRetries"] = "0", ["Gateway:Upstreams:Breaker:ConsecutiveFailures"] = "0", ["Gateway:Upstreams:Breaker:FailureRate"] = "0" } };
        HttpClient admin = await product.StartAsync();
        (string key, _) = await SetUpAsync(admin, bad.Url);
        string id = (await admin.PostAsync(V1 + "/slos", """{"model":"m","error_rate_percent":1,"window_days":7}""")).Id();
        (await admin.GetAsync(V1 + "/slos", 200))[0].GetProperty("status").GetString().ShouldBe("no_traffic");
        await admin.PostAsync(V1 + "/slos", """{"model":"m","error_rate_percent":1}""", 409);

        for (int i = 0; i < 12; i++)
        {
            await admin.ChatAsync(key, "m");
        }

        JsonElement slo = await admin.GetAsync($"{V1}/slos/{id}", 200);
        slo.GetProperty("status").GetString().ShouldBe("page");
        JsonElement errors = slo.GetProperty("objectives")[0];
        errors.GetProperty("actual").GetDouble().ShouldBe(100);
        errors.GetProperty("budget_left_percent").GetDouble().ShouldBe(-9900, 0.1);
        errors.GetProperty("burn")[0].GetProperty("rate").GetDouble().ShouldBe(100, 0.1);
        (await admin.PutAsync($"{V1}/slos/{id}", """{"error_rate_percent":null,"ttft_p95_ms":250}""")).GetProperty("objectives")[0].GetProperty("name").GetString().ShouldBe("ttft");
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/slos/{id}", 204);
    }

    // A window is a window: what went wrong two days ago is over, and has used up its part all the same.
    [Fact]
    public async Task Slo_WhatFailedTwoDaysAgo_IsInTheLongWindowsAlone()
    {
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string key, _) = await SetUpAsync(admin, good.Url);
        string id = (await admin.PostAsync(V1 + "/slos", """{"model":"m","error_rate_percent":10,"window_days":7}""")).Id();
        await using (GatewayDbContext context = await product.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel))
        {
            long then = TimeProvider.System.GetUtcNow().AddDays(-2).ToUnixTimeMilliseconds();
            context.UsageRollups.AddRange(Enum.GetValues<RollupResolution>().Select(r => new UsageRollupRow
            {
                Resolution = r,
                BucketStartMs = RollupBucket.Of(r, then).StartMs,
                Node = "another",
                Model = "m",
                Requests = 88,
                Errors = 88,
            }));
            await context.SaveChangesAsync(Cancel);
        }
        for (int i = 0; i < 12; i++)
        {
            (await admin.ChatAsync(key, "m")).ShouldBe(200);
        }

        JsonElement slo = await admin.GetAsync($"{V1}/slos/{id}", 200);

        slo.GetProperty("requests").GetInt64().ShouldBe(100);
        JsonElement errors = slo.GetProperty("objectives")[0];
        errors.GetProperty("actual").GetDouble().ShouldBe(88);
        errors.GetProperty("burn").EnumerateArray().Select(b => $"{b.GetProperty("window").GetString()} {b.GetProperty("rate").GetDouble():0.0}").ShouldBe(["1h 0.0", "6h 0.0", "24h 0.0", "3d 8.8"]);
        slo.GetProperty("status").GetString().ShouldBe("spent");
    }

    [Theory]
    [InlineData("""{"model":"m"}""", "error_rate_percent")]
    [InlineData("""{"model":"nobody","error_rate_percent":1}""", "model")]
    [InlineData("""{"model":"m","error_rate_percent":0}""", "error_rate_percent")]
    [InlineData("""{"model":"m","ttft_p95_ms":10,"window_days":9}""", "window_days")]
    public async Task Slo_WhatDoesNotFit_IsRefused(string body, string path)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/models", """{"name":"m"}""");
        (await admin.PostAsync(V1 + "/slos", body, 400)).Paths().ShouldBe([path]);
    }

    [Fact]
    public async Task Alert_BeyondItsThreshold_IsToldOnceAndResolved()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        int refusals = 1;
        await using ScriptedUpstream sink = ScriptedUpstream.Start(c => c.JsonAsync("", Interlocked.Decrement(ref refusals) >= 0 ? 503 : 200));
        await using var product = new TestProduct { Settings = { ["Gateway:Upstreams:MaxRetries"] = "0", ["Gateway:Upstreams:Breaker:OpenFor"] = "1h" } };
        HttpClient admin = await product.StartAsync();
        (string key, string backend) = await SetUpAsync(admin, bad.Url);
        JsonElement channel = await admin.PostAsync(V1 + "/alerts/channels", $$"""{"name":"ops","type":"webhook","url":"{{sink.Url}}/hook?token=geheim","secret":"s3cret"}""");
        channel.GetRawText().ShouldNotContain("geheim");
        channel.GetRawText().ShouldNotContain("s3cret");
        string rule = (await admin.PostAsync(V1 + "/alerts/rules", """{"name":"circuits","metric":"open_circuits","threshold":1,"severity":"critical","channels":["ops"]}""")).Id();
        AlertEvaluator evaluator = product.Services.GetRequiredService<AlertEvaluator>();
        await evaluator.EvaluateAsync(Cancel);
        sink.Seen.ShouldBeEmpty();
        for (int i = 0; i < 6; i++)
        {
            await admin.ChatAsync(key, "m");
        }

        (await evaluator.EvaluateAsync(Cancel)).ShouldBeTrue();
        await evaluator.EvaluateAsync(Cancel);

        // Refused once, and taken the second time.
        await Eventually.TrueAsync(() => sink.Seen.Count == 2);
        JsonElement told = JsonElement.Parse(sink.Seen.Last().Body);
        told.GetProperty("event").GetString().ShouldBe("fired");
        told.GetProperty("text").GetString()!.ShouldContain("p m");
        sink.Seen.Select(s => JsonElement.Parse(s.Body).GetProperty("id").GetString()).Distinct().Count().ShouldBe(1);
        (await admin.GetAsync($"{V1}/alerts/rules/{rule}", 200)).GetProperty("state").GetString().ShouldBe("firing");
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/alerts/channels/{channel.Id()}", 409);

        await admin.SendAsync(HttpMethod.Post, V1 + "/health/close", 200, $$"""{"backend":"{{backend}}"}""");
        await evaluator.EvaluateAsync(Cancel);
        await Eventually.TrueAsync(() => sink.Seen.Count == 3);
        JsonElement.Parse(sink.Seen.Last().Body).GetProperty("event").GetString().ShouldBe("resolved");
        string[] kinds = [];
        await Eventually.TrueAsync(async () => (kinds = [.. (await admin.GetAsync(V1 + "/events?kind=alert", 200)).EnumerateArray().Select(e => e.GetProperty("kind").GetString()!)]).Length == 4);
        kinds.Order().ShouldBe(["alert.fired", "alert.resolved", "alert.sent", "alert.sent"]);
        (await admin.GetAsync(V1 + "/audit", 200)).GetRawText().ShouldNotContain("geheim");
    }

    [Fact]
    public async Task AlertRule_ThatCannotBeJudged_KeepsNoOtherFromIt()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string rule = (await admin.PostAsync(V1 + "/alerts/rules", """{"name":"too few","metric":"requests","threshold":1}""")).Id();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        // A window that began before there were years. In the order of names it comes first.
        await using (GatewayDbContext context = await product.Services.GetRequiredService<Gateway.Web.Administration.AdministrationDatabase>().OpenAsync(Cancel))
        {
            context.Documents.Add(new DocumentRow
            {
                Id = "broken",
                Kind = AlertRule.Kind,
                Owner = "",
                Name = "a broken one",
                CreatedAt = now,
                UpdatedAt = now,
                BodyJson = """{"metric":"requests","scope":"gateway","window_minutes":2147483647}""",
            });
            await context.SaveChangesAsync(Cancel);
        }

        (await product.Services.GetRequiredService<AlertEvaluator>().EvaluateAsync(Cancel)).ShouldBeTrue();

        await Eventually.TrueAsync(async () => (await admin.GetAsync(V1 + "/events?kind=alert", 200)).EnumerateArray().Any(e => e.GetRawText().Contains(rule, StringComparison.Ordinal)));
    }

    // Two nodes must not both tell: the second does not judge while the first holds the lease.
    [Fact]
    public async Task Lease_HeldByOne_IsNotHeldByAnotherUntilItIsGivenBack()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        var database = product.Services.GetRequiredService<Gateway.Web.Administration.AdministrationDatabase>();
        // The product's own evaluator may hold it by now.
        await product.Services.GetRequiredService<AlertEvaluator>().StopAsync(Cancel);
        var first = new AlertLease(database, "same-name", TimeProvider.System);
        var second = new AlertLease(database, "same-name", TimeProvider.System);
        (await first.TryHoldAsync(Cancel)).ShouldBeTrue();
        (await second.TryHoldAsync(Cancel)).ShouldBeFalse();
        (await first.TryHoldAsync(Cancel)).ShouldBeTrue("it is renewed");
        await second.ReleaseAsync(Cancel);
        (await second.TryHoldAsync(Cancel)).ShouldBeFalse("nobody gives back what another holds");
        await first.ReleaseAsync(Cancel);
        (await second.TryHoldAsync(Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task Lease_OfANodeThatIsGone_RunsOut()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        var database = product.Services.GetRequiredService<Gateway.Web.Administration.AdministrationDatabase>();
        await product.Services.GetRequiredService<AlertEvaluator>().StopAsync(Cancel);
        var gone = new AlertLease(database, "gone", TimeProvider.System);
        (await gone.TryHoldAsync(Cancel)).ShouldBeTrue();

        (await new AlertLease(database, "heir", new LaterTime(AlertLease.Term - TimeSpan.FromSeconds(20))).TryHoldAsync(Cancel)).ShouldBeFalse();
        (await new AlertLease(database, "heir", new LaterTime(AlertLease.Term + TimeSpan.FromSeconds(1))).TryHoldAsync(Cancel)).ShouldBeTrue();

        (await gone.TryHoldAsync(Cancel)).ShouldBeFalse("it was only slow, and may not judge beside the other");
    }

    private sealed class LaterTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }

    [Theory]
    [InlineData("""{"name":"c","type":"webhook","url":"http://169.254.169.254/latest"}""", "url")]
    [InlineData("""{"name":"c","type":"webhook","url":"http://10.0.0.1/"}""", "url")]
    [InlineData("""{"name":"c","type":"webhook","url":"http://[::ffff:169.254.169.254]/"}""", "url")]
    [InlineData("""{"name":"c","type":"webhook","url":"ftp://example.com/"}""", "url")]
    [InlineData("""{"name":"c","type":"webhook","url":"https://u:p@example.com/"}""", "url")]
    [InlineData("""{"name":"c","type":"pigeon"}""", "type")]
    [InlineData("""{"name":"c","type":"email","host":"10.0.0.1","from":"a@b.c","to":["a@b.c"]}""", "host")]
    [InlineData("""{"name":"c","type":"email","host":"127.0.0.1","from":"a@b.c>\r\nDATA","to":["a@b.c"]}""", "from")]
    [InlineData("""{"name":"c","type":"email","host":"127.0.0.1","security":"none","user":"u","from":"a@b.c","to":["a@b.c"]}""", "security")]
    public async Task Channel_WhatDoesNotFit_IsRefused(string body, string path)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (await admin.PostAsync(V1 + "/alerts/channels", body, 400)).Paths().ShouldBe([path]);
    }

    [Fact]
    public async Task Rule_WhatDoesNotFit_IsRefusedWithEveryReason()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement problem = await admin.PostAsync(V1 + "/alerts/rules", """{"metric":"open_circuits","scope":"key","of":"x","threshold":0,"channels":["nobody"],"severity":"loud"}""", 400);
        problem.Paths().ShouldBe(["name", "scope", "of", "threshold", "severity", "channels"]);
    }

    private static async Task<(string Key, string Backend)> SetUpAsync(HttpClient admin, Uri upstream)
    {
        await admin.PostAsync(V1 + "/providers", $$"""{"name":"p","base_url":"{{upstream}}"}""");
        JsonElement model = await admin.PostAsync(V1 + "/models", """{"name":"m","backends":[{"provider":"p"}]}""");
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"client"}""")).GetProperty("key").GetString()!;
        return (key, model.GetProperty("backends")[0].Id());
    }
}
