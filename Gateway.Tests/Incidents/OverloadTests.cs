using System.Diagnostics;
using System.Net;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Load;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>More requests than there is room for: some wait, the rest are told at once, and nobody's place is lost.</summary>
public class OverloadTests
{
    // RELIABILITY, overload: the rest get 503 and Retry-After within 50 ms.
    [Fact]
    public async Task Requests_MoreThanTheProcessTakes_RestIsRefusedAtOnce()
    {
        await using var slow = new SlowUpstream();
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(slow.Url), new GatewayOptions { MaxRetries = 0, Load = new LoadSettings { MostRequests = 2, QueueLength = 1 } });
        Task<HttpResponseMessage>[] taken = [.. Enumerable.Range(0, 3).Select(_ => gateway.ChatAsync())];
        await Eventually.TrueAsync(() => slow.Seen == 2);

        var times = new List<double>();
        for (int i = 0; i < 20; i++)
        {
            long start = Stopwatch.GetTimestamp();
            HttpResponseMessage refused = await gateway.ChatAsync();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        }
        // What has to wait for something has to each time; what is late now and then waits for a processor.
        times.Min().ShouldBeLessThan(50);
        slow.Release();

        foreach (Task<HttpResponseMessage> one in taken)
        {
            (await one).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        slow.Seen.ShouldBe(3);
    }

    // litellm#16011, #17323: places that are lost when clients leave lock everybody out in the end.
    [Fact]
    public async Task Places_ClientsLeaveWhileTheyWaitAndWhileTheyAreServed_AllComeBack()
    {
        await using var slow = new SlowUpstream();
        CatalogDefinition catalog = TestGateway.ModelOver(slow.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Models = [catalog.Models[0] with { MaxConcurrency = 2 }] }, new GatewayOptions { MaxRetries = 0 });
        using (var leaving = new CancellationTokenSource())
        {
            Task[] abandoned = [.. Enumerable.Range(0, 8).Select(_ => gateway.Client.PostAsync(
                "/v1/chat/completions", new StringContent(TestGateway.Body(), null, "application/json"), leaving.Token))];
            await Eventually.TrueAsync(() => slow.Seen == 2);
            await leaving.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => Task.WhenAll(abandoned));
        }
        slow.Release();

        HttpResponseMessage[] after = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => gateway.ChatAsync()));

        after.ShouldAllBe(r => r.StatusCode == HttpStatusCode.OK);
        Model model = gateway.Catalog.Current.FindModel("m")!;
        await Eventually.TrueAsync(() => model.State.Gate.Inside == 0 && model.State.Gate.Waiting == 0);
        await Eventually.TrueAsync(() => model.Backends[0].State.InFlight == 0 && model.Backends[0].Provider.State.InFlight == 0);
    }

    [Fact]
    public async Task Backend_Full_OtherOneServes()
    {
        await using var slow = new SlowUpstream();
        await using ScriptedUpstream other = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(slow.Url, other.Url);
        BackendDefinition full = catalog.Models[0].Backends[0] with { MaxConcurrency = 1 };
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Models = [catalog.Models[0] with { Backends = [full, catalog.Models[0].Backends[1]] }] }, new GatewayOptions { MaxRetries = 0 });
        Task<HttpResponseMessage> running = gateway.ChatAsync();
        await Eventually.TrueAsync(() => slow.Seen == 1);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        slow.Seen.ShouldBe(1);
        other.Seen.Count.ShouldBe(1);
        slow.Release();
        (await running).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Backends_AllFull_RequestsWaitInOrderOfPriorityAndTheRestIsRefused()
    {
        await using var slow = new SlowUpstream();
        await using TestGateway gateway = await TestGateway.StartAsync(
            OneAtATime(slow.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key), TestGateway.KeyOf("ml-first") with { Priority = -1 }] },
            new GatewayOptions { MaxRetries = 0, Load = new LoadSettings { QueueLength = 2, QueueTimeout = TimeSpan.FromSeconds(20) } });
        Model model = gateway.Catalog.Current.FindModel("m")!;
        Task<HttpResponseMessage> running = gateway.ChatAsync();
        await Eventually.TrueAsync(() => slow.Seen == 1);
        Task<HttpResponseMessage> later = gateway.ChatAsync("\"user\":\"later\"");
        await Eventually.TrueAsync(() => model.State.Queue.Waiting == 1);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(TestGateway.Body("\"user\":\"sooner\""), null, "application/json"),
            Headers = { { "Authorization", "Bearer ml-first" } },
        };
        using var handler = new SocketsHttpHandler();
        using var other = new HttpClient(handler) { BaseAddress = gateway.Address };
        Task<HttpResponseMessage> sooner = other.SendAsync(request, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => model.State.Queue.Waiting == 2);

        HttpResponseMessage refused = await gateway.ChatAsync();

        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        slow.Release();
        foreach (Task<HttpResponseMessage> one in new[] { running, later, sooner })
        {
            (await one).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        slow.Bodies.Select(b => b.Contains("sooner", StringComparison.Ordinal) ? "sooner" : b.Contains("later", StringComparison.Ordinal) ? "later" : "running")
            .ShouldBe(["running", "sooner", "later"]);
        await Eventually.TrueAsync(() => model.Backends[0].State.InFlight == 0 && model.State.Queue.Waiting == 0);
    }

    [Fact]
    public async Task Backends_AllFullForTooLong_IsOverloaded()
    {
        await using var slow = new SlowUpstream();
        await using TestGateway gateway = await TestGateway.StartAsync(
            OneAtATime(slow.Url), new GatewayOptions { MaxRetries = 0, Load = new LoadSettings { QueueTimeout = TimeSpan.FromMilliseconds(200) } });
        Task<HttpResponseMessage> running = gateway.ChatAsync();
        await Eventually.TrueAsync(() => slow.Seen == 1);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        slow.Release();
        (await running).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Backends_AllFull_WhoLeavesTheLineKeepsNobodyOut()
    {
        await using var slow = new SlowUpstream();
        await using TestGateway gateway = await TestGateway.StartAsync(OneAtATime(slow.Url), new GatewayOptions { MaxRetries = 0 });
        Model model = gateway.Catalog.Current.FindModel("m")!;
        Task<HttpResponseMessage> running = gateway.ChatAsync();
        await Eventually.TrueAsync(() => slow.Seen == 1);
        using var leaving = new CancellationTokenSource();
        Task[] abandoned = [.. Enumerable.Range(0, 8).Select(_ => gateway.Client.PostAsync(
            "/v1/chat/completions", new StringContent(TestGateway.Body(), null, "application/json"), leaving.Token))];
        await Eventually.TrueAsync(() => model.State.Queue.Waiting == 8);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => Task.WhenAll(abandoned));
        await Eventually.TrueAsync(() => model.State.Queue.Waiting == 0);
        slow.Release();
        (await running).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        slow.Seen.ShouldBe(2);
    }

    [Fact]
    public async Task Backends_OneFullAndTheOtherFails_WhoTriedThatOneWaitsForTheFullOne()
    {
        await using var slow = new SlowUpstream();
        await using ScriptedUpstream broken = ScriptedUpstream.Json("{}", 500);
        CatalogDefinition catalog = TestGateway.ModelOver(slow.Url, broken.Url);
        BackendDefinition[] backends = [catalog.Models[0].Backends[0] with { MaxConcurrency = 1 }, catalog.Models[0].Backends[1] with { Priority = 1 }];
        var breaker = new BreakerSettings { ConsecutiveFailures = 1, OpenFor = TimeSpan.FromMilliseconds(300) };
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Models = [catalog.Models[0] with { Backends = backends }] },
            new GatewayOptions { MaxRetries = 0, Breaker = breaker, Load = new LoadSettings { QueueTimeout = TimeSpan.FromSeconds(60) } });
        Model model = gateway.Catalog.Current.FindModel("m")!;
        Task<HttpResponseMessage> running = gateway.ChatAsync();
        await Eventually.TrueAsync(() => slow.Seen == 1);
        Task<HttpResponseMessage> first = gateway.ChatAsync();
        await Eventually.TrueAsync(() => broken.Seen.Count == 1 && model.State.Queue.Waiting == 1);

        // It comes while the circuit is open, and tries it when its pause is over.
        Task<HttpResponseMessage> second = gateway.ChatAsync();
        await Eventually.TrueAsync(() => broken.Seen.Count == 2 && model.State.Queue.Waiting == 2);
        slow.Release();

        foreach (Task<HttpResponseMessage> one in new[] { running, first, second })
        {
            (await one).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        broken.Seen.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Backends_OneFullForTooLongAndTheOtherFails_SaysWhatTheUpstreamSaid()
    {
        await using var slow = new SlowUpstream();
        await using ScriptedUpstream broken = ScriptedUpstream.Json("{}", 500);
        CatalogDefinition catalog = TestGateway.ModelOver(slow.Url, broken.Url);
        BackendDefinition[] backends = [catalog.Models[0].Backends[0] with { MaxConcurrency = 1 }, catalog.Models[0].Backends[1] with { Priority = 1 }];
        await using TestGateway gateway = await TestGateway.StartAsync(
            catalog with { Models = [catalog.Models[0] with { Backends = backends }] },
            new GatewayOptions { MaxRetries = 0, Load = new LoadSettings { QueueTimeout = TimeSpan.FromMilliseconds(200) } });
        Task<HttpResponseMessage> running = gateway.ChatAsync();
        await Eventually.TrueAsync(() => slow.Seen == 1);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);

        broken.Seen.Count.ShouldBe(1);
        slow.Release();
        (await running).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static CatalogDefinition OneAtATime(Uri upstream)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream);
        return catalog with { Models = [catalog.Models[0] with { Backends = [catalog.Models[0].Backends[0] with { MaxConcurrency = 1 }] }] };
    }

    /// <summary>Answers nothing until it is released, and everything from then on.</summary>
    private sealed class SlowUpstream : IAsyncDisposable
    {
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ScriptedUpstream _upstream;

        public SlowUpstream() => _upstream = ScriptedUpstream.Start(async c =>
        {
            await _release.Task.WaitAsync(c.Stop);
            await c.JsonAsync(Answers.Chat);
        });

        public Uri Url => _upstream.Url;
        public int Seen => _upstream.Seen.Count;
        public IEnumerable<string> Bodies => _upstream.Seen.Select(s => s.Body);

        public void Release() => _release.TrySetResult();

        public ValueTask DisposeAsync() => _upstream.DisposeAsync();
    }
}
