using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Live;
using Gateway.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Live;

public class RunningCallsTests
{
    [Fact]
    public async Task Cancel_StreamInTheMiddle_UpstreamIsLeftAndTheClientIsTold()
    {
        var left = new TaskCompletionSource();
        await using ScriptedUpstream endless = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\ndata: {Answers.Delta("some words of an answer")}\n\n");
            await c.WaitForCloseAsync();
            left.SetResult();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(endless.Url));
        RunningCalls running = gateway.Services.GetRequiredService<RunningCalls>();
        using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body("\"stream\":true"), completion: HttpCompletionOption.ResponseHeadersRead);

        RunningCall call = running.List().ShouldHaveSingleItem();
        (call.Model, call.Provider, call.KeyId, call.Attempts, call.Streamed).ShouldBe(("m", "provider-0", TestGateway.Key, 1, true));
        call.OutputTokens.ShouldBePositive();
        call.TimeToFirstToken.ShouldNotBeNull();
        running.Cancel(call.Id).ShouldBeTrue();

        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        text.ShouldContain("An operator of the gateway ended this request.");
        text.ShouldNotContain("[DONE]");
        await left.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        UsageRecord record = await gateway.NextRecordAsync();
        (record.ErrorKind, record.Id).ShouldBe(("cancelled", call.Id));
        record.Usage.Source.ShouldBe(UsageSource.Estimated);
        running.List().ShouldBeEmpty();
        running.Cancel(call.Id).ShouldBeFalse();
    }

    [Fact]
    public async Task Cancel_BeforeAnAnswer_NothingElseIsTried()
    {
        await using ScriptedUpstream silent = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        await using ScriptedUpstream other = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(silent.Url, other.Url));
        RunningCalls running = gateway.Services.GetRequiredService<RunningCalls>();
        Task<HttpResponseMessage> asking = gateway.ChatAsync();
        await Eventually.TrueAsync(() => silent.Seen.Count == 1);

        running.Cancel(running.List().Single().Id).ShouldBeTrue();

        ((int)(await asking).StatusCode).ShouldBe(499);
        other.Seen.ShouldBeEmpty();
        // It says nothing about the backend.
        gateway.Catalog.Current.FindModel("m")!.Backends[0].State.Breaker.FailuresInRow.ShouldBe(0);
    }

    [Fact]
    public async Task Cancel_WhileItWaitsForAPlace_IsToldAtOnce()
    {
        await using ScriptedUpstream silent = ScriptedUpstream.Start(c => c.WaitForCloseAsync());
        CatalogDefinition catalog = TestGateway.ModelOver(silent.Url);
        ModelDefinition model = catalog.Models[0];
        catalog = catalog with { Models = [model with { Backends = [model.Backends[0] with { MaxConcurrency = 1 }] }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);
        RunningCalls running = gateway.Services.GetRequiredService<RunningCalls>();
        Task<HttpResponseMessage> served = gateway.ChatAsync();
        await Eventually.TrueAsync(() => silent.Seen.Count == 1);
        Task<HttpResponseMessage> waiting = gateway.ChatAsync();
        await Eventually.TrueAsync(() => gateway.Catalog.Current.FindModel("m")!.State.Queue.Waiting == 1);

        running.Cancel(running.List().Single(c => c.Attempts == 0).Id).ShouldBeTrue();

        ((int)(await waiting).StatusCode).ShouldBe(499);
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("cancelled");
        served.IsCompleted.ShouldBeFalse();
        running.Cancel(running.List().Single().Id);
        await served;
    }

    [Fact]
    public async Task Cancel_BetweenTwoTries_IsToldAtOnce()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        CatalogDefinition catalog = TestGateway.ModelOver(bad.Url) with
        {
            Routes = [new RouteDefinition { Id = "r", Name = "r", Steps = [new RouteStepDefinition { Backend = "b0", Retries = 1, Backoff = TimeSpan.FromSeconds(50) }] }],
        };
        catalog = catalog with { Models = [catalog.Models[0] with { DefaultRoute = "r" }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);
        RunningCalls running = gateway.Services.GetRequiredService<RunningCalls>();
        Task<HttpResponseMessage> asking = gateway.ChatAsync();
        await Eventually.TrueAsync(() => bad.Seen.Count == 1 && running.List() is [{ Attempts: 1 }]);

        running.Cancel(running.List().Single().Id).ShouldBeTrue();

        ((int)(await asking).StatusCode).ShouldBe(499);
        UsageRecord record = await gateway.NextRecordAsync();
        (record.ErrorKind, record.Attempts.Count).ShouldBe(("cancelled", 1));
    }

    [Fact]
    public async Task Cancel_WhatIsPassedThrough_UpstreamIsLeftAndTheClientIsTold()
    {
        var left = new TaskCompletionSource();
        await using ScriptedUpstream silent = ScriptedUpstream.Start(async c =>
        {
            await c.WaitForCloseAsync();
            left.SetResult();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(silent.Url));
        RunningCalls running = gateway.Services.GetRequiredService<RunningCalls>();
        Task<HttpResponseMessage> asking = gateway.Client.GetAsync("/providers/provider-0/files", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => silent.Seen.Count == 1);

        running.Cancel(running.List().Single().Id).ShouldBeTrue();

        using HttpResponseMessage told = await asking;
        ((int)told.StatusCode).ShouldBe(499);
        (await told.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("An operator of the gateway ended this request.");
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("cancelled");
    }

    [Fact]
    public async Task Trace_OfABodyThatIsNotUnderstood_EndsWithTheKey()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        await gateway.PostAsync("{");

        CallTrace trace = (await gateway.NextRecordAsync()).Trace.ShouldNotBeNull();
        (trace.AuthenticatedUs > 0, trace.ReadUs, trace.RoutedUs).ShouldBe((true, 0, 0));
    }

    // As one whose key is unknown: a timeline that ends with the key would name the body as what refused it.
    [Fact]
    public async Task Trace_OfAKeyForOtherEndpoints_IsNone()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key) with { AllowedEndpoints = ["embeddings"] }] });

        await gateway.ChatAsync();

        UsageRecord record = await gateway.NextRecordAsync();
        (record.KeyName, record.ErrorKind, record.Status).ShouldBe((TestGateway.Key, "endpoint_not_allowed", 403));
        record.Trace.ShouldBeNull();
    }

    [Fact]
    public async Task Trace_SaysWhatWasConsideredAndWhenEachStageWasOver()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using ScriptedUpstream good = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(bad.Url, good.Url);
        catalog = catalog with { Models = [catalog.Models[0] with { RoutingPolicy = "least-busy" }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        await gateway.ChatAsync();

        CallTrace trace = (await gateway.NextRecordAsync()).Trace.ShouldNotBeNull();
        long[] stages = [trace.AuthenticatedUs, trace.ReadUs, trace.RoutedUs, trace.PlacedUs, trace.AdmittedUs];
        stages.ShouldAllBe(s => s > 0);
        stages.ShouldBe(stages.Order());
        (trace.Policy, trace.Reason).ShouldBe(("least-busy", "m is served by its own backends."));
        trace.Candidates.Select(c => (c.BackendId, c.Taken, c.Obstacle)).ShouldBe(
        [
            ("b0", true, null), ("b1", false, "a better priority serves"),
            ("b0", false, "it has failed this request"), ("b1", true, null),
        ]);
    }
}
