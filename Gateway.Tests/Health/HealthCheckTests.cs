using System.Net;
using System.Net.Sockets;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Tests.Hosting;
using Gateway.Web.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Health;

public class HealthCheckTests
{
    private static readonly GatewayOptions Quick = new()
    {
        MaxRetries = 0,
        Checks = new CheckSettings { Interval = TimeSpan.FromMilliseconds(100), Timeout = Eventually.Limit, HealthyThreshold = 2 },
    };

    [Theory]
    [InlineData("/health", "GET /health")]
    [InlineData("models", "GET /v1/models")]
    public async Task Check_ProviderGoesAndComesBack_TakesItOutAndPutsItBack(string check, string asked)
    {
        int status = 200;
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.Last!.Method == "POST" ? c.JsonAsync(Answers.Chat) : c.JsonAsync("{}", Volatile.Read(ref status)));
        await using TestGateway gateway = await TestGateway.StartAsync(Checked(upstream.Url, check), Quick);
        using HealthChecker checker = await StartAsync(gateway);
        CheckStatus seen = gateway.Catalog.Current.Providers["provider-0"].State.Check;
        await Eventually.TrueAsync(() => seen.Last is { Ok: true });
        upstream.Seen.Select(r => $"{r.Method} {r.Path}").ShouldContain(asked);

        Volatile.Write(ref status, 503);
        await Eventually.TrueAsync(() => seen.IsDown);
        HttpResponseMessage refused = await gateway.ChatAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        upstream.Seen.ShouldNotContain(r => r.Method == "POST");

        Volatile.Write(ref status, 200);
        await Eventually.TrueAsync(() => !seen.IsDown);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        await checker.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Check_Tcp_NoticesThatNobodyListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1");
        await using TestGateway gateway = await TestGateway.StartAsync(Checked(url, "tcp"), Quick);
        HealthProbe probe = gateway.Services.GetRequiredService<HealthProbe>();
        Provider provider = gateway.Catalog.Current.Providers["provider-0"];

        (await probe.CheckAsync(provider, Eventually.Limit, TestContext.Current.CancellationToken)).Ok.ShouldBeTrue();
        listener.Stop();

        CheckResult gone = await probe.CheckAsync(provider, TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        gone.Ok.ShouldBeFalse();
        gone.Message.ShouldNotContain("127.0.0.1");
    }

    [Fact]
    public async Task Check_AddressNotAllowed_IsNotCalled()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}");
        foreach (string check in (string[])["tcp", "/health", "models"])
        {
            await using TestGateway gateway = await TestGateway.StartAsync(Checked(upstream.Url, check), Quick, allowLoopback: false);

            CheckResult result = await gateway.Services.GetRequiredService<HealthProbe>()
                .CheckAsync(gateway.Catalog.Current.Providers["provider-0"], TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);

            result.Ok.ShouldBeFalse();
        }
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Check_Completion_IsPaidForWithinItsDailyCapAndStandsInTheBooks()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = Checked(upstream.Url, "completion");
        var settings = new Dictionary<string, string> { ["health_check"] = "completion", ["health_check_daily_most"] = "1" };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Settings = settings }] }, Quick);
        using HealthChecker checker = await StartAsync(gateway);

        var record = await gateway.NextRecordAsync();

        record.KeyName.ShouldBe("health-check");
        record.Usage.OutputTokens.ShouldBe(22);
        upstream.Seen.Single().Body.ShouldContain("\"max_tokens\":1");
        await Task.Delay(600, TestContext.Current.CancellationToken);
        upstream.Seen.Count.ShouldBe(1);
        await checker.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Check_ProviderWithThresholdsOfItsOwn_IsTakenOutByThem()
    {
        await using ScriptedUpstream failing = ScriptedUpstream.Start(c => c.JsonAsync("{}", 503));
        CatalogDefinition catalog = Checked(failing.Url, "/health");
        var settings = new Dictionary<string, string> { ["health_check"] = "/health", ["health_check_unhealthy_threshold"] = "4" };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Settings = settings }] }, Quick);
        CheckStatus seen = gateway.Catalog.Current.Providers["provider-0"].State.Check;
        using HealthChecker checker = await StartAsync(gateway);

        await Eventually.TrueAsync(() => seen.IsDown);

        failing.Seen.Count.ShouldBeGreaterThanOrEqualTo(4, "for all others one failure is enough");
        await checker.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Over_WhatTheProviderDoesNotSay_IsWhatHoldsForAll()
    {
        HealthCheckSettings own = HealthCheckSettings.Parse("tcp")! with { Interval = TimeSpan.FromMinutes(1), HealthyThreshold = 7 };

        own.Over(Quick.Checks).ShouldBe(Quick.Checks with { Interval = TimeSpan.FromMinutes(1), HealthyThreshold = 7 });
    }

    [Fact]
    public async Task Check_Silent_TimesOut()
    {
        await using ScriptedUpstream silent = ScriptedUpstream.Start(c => Task.Delay(Timeout.Infinite, c.Stop));
        await using TestGateway gateway = await TestGateway.StartAsync(Checked(silent.Url, "/health"), Quick);

        CheckResult result = await gateway.Services.GetRequiredService<HealthProbe>()
            .CheckAsync(gateway.Catalog.Current.Providers["provider-0"], TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);

        result.Ok.ShouldBeFalse();
        result.Message.ShouldContain("No answer");
    }

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData("/../admin")]
    [InlineData("http://169.254.169.254/")]
    [InlineData("/a?b")]
    [InlineData("sometimes")]
    public void Parse_PathThatLeadsElsewhere_IsRefused(string text) => HealthCheckSettings.Parse(text).ShouldBeNull();

    private static CatalogDefinition Checked(Uri url, string check)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(url);
        return catalog with { Providers = [catalog.Providers[0] with { Settings = new Dictionary<string, string> { ["health_check"] = check } }] };
    }

    private static async Task<HealthChecker> StartAsync(TestGateway gateway)
    {
        var checker = new HealthChecker(
            gateway.Catalog,
            gateway.Services.GetRequiredService<HealthProbe>(),
            gateway.Services.GetRequiredService<Func<GatewayOptions>>(),
            new Random(1),
            TimeProvider.System,
            NullLogger<HealthChecker>.Instance);
        await checker.StartAsync(TestContext.Current.CancellationToken);
        return checker;
    }
}
