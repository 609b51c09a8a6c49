using System.Diagnostics;
using System.Net;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Chaos;
using Gateway.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Chaos;

public class ChaosTests
{
    [Theory]
    [InlineData(FaultKind.RateLimit, "upstream_rate_limited")]
    [InlineData(FaultKind.ServerError, "upstream_server_error")]
    [InlineData(FaultKind.Refused, "upstream_connection")]
    [InlineData(FaultKind.Reset, "upstream_connection")]
    [InlineData(FaultKind.Garbage, "upstream_invalid_response")]
    [InlineData(FaultKind.Cut, "upstream_connection")]
    public async Task Fault_OnTheFirstBackend_IsTakenForRealAndMarked(FaultKind kind, string error)
    {
        await using ScriptedUpstream first = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream second = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(first.Url, second.Url));
        Switch(gateway).TryAdd(NewFault(kind)).ShouldBeTrue();

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        UsageRecord record = await gateway.NextRecordAsync();
        record.Attempts.Select(a => a.ErrorKind).ShouldBe([error, null]);
        record.Attempts.Select(a => a.Fault).ShouldBe([$"chaos: {kind.ToName()}", null]);
    }

    [Theory]
    [InlineData(FaultKind.Latency)]
    [InlineData(FaultKind.SlowFirstToken)]
    public async Task Fault_Slow_AnswersLateAndWhole(FaultKind kind)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        Switch(gateway).TryAdd(NewFault(kind) with { Delay = TimeSpan.FromMilliseconds(300) });
        long start = Stopwatch.GetTimestamp();

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("hi there");
        Stopwatch.GetElapsedTime(start).TotalMilliseconds.ShouldBeGreaterThan(290);
    }

    // litellm#42085, #42140: a cut stream must not look whole.
    [Fact]
    public async Task Fault_CutMidStream_ClientSeesAnErrorAndNoEnd()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(
            [Answers.Role, .. Enumerable.Range(0, 20).Select(i => Answers.Delta($"word {i} ")), Answers.Finish, Answers.Done]);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        Switch(gateway).TryAdd(NewFault(FaultKind.Cut));

        string text = await (await gateway.ChatAsync("\"stream\":true")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        text.ShouldContain("word 0");
        text.ShouldContain("\"error\"");
        text.ShouldNotContain("[DONE]");
        text.ShouldNotContain("\"finish_reason\":\"stop\"");
        (await gateway.NextRecordAsync()).Attempts.Single().Fault.ShouldBe("chaos: cut");
    }

    [Fact]
    public async Task Fault_ForAnotherKeyOrAnotherBackendOrOver_HitsNobody()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        ChaosSwitch chaos = Switch(gateway);
        chaos.TryAdd(NewFault(FaultKind.ServerError) with { Keys = ["somebody else"] });
        chaos.TryAdd(NewFault(FaultKind.ServerError) with { Provider = "provider-7" });
        chaos.TryAdd(NewFault(FaultKind.ServerError) with { Until = DateTimeOffset.UnixEpoch });

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        Fault forThisKey = NewFault(FaultKind.ServerError) with { Id = "x", Keys = [TestGateway.Key] };
        chaos.TryAdd(forThisKey);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        chaos.Remove("x").ShouldNotBeNull();
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void TryAdd_LongerThanAnHour_EndsAfterOne()
    {
        var time = new SetTime();
        var chaos = new ChaosSwitch(time, new Random(1));
        chaos.TryAdd(NewFault(FaultKind.Reset) with { Since = time.GetUtcNow(), Until = time.GetUtcNow().AddDays(9) });
        chaos.IsOn.ShouldBeTrue();

        time.Now += TimeSpan.FromMinutes(61);

        chaos.IsOn.ShouldBeFalse();
    }

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(56);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static ChaosSwitch Switch(TestGateway gateway) => gateway.Services.GetRequiredService<ChaosSwitch>();

    private static Fault NewFault(FaultKind kind) => new()
    {
        Id = Guid.NewGuid().ToString("N"),
        Kind = kind,
        Provider = "provider-0",
        Since = TimeProvider.System.GetUtcNow(),
        Until = TimeProvider.System.GetUtcNow().AddMinutes(5),
        By = "test",
    };
}
