using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Crash;

/// <summary>
/// Incident catalogue, "SIGTERM cuts streams" (litellm#14334) and "a graceful stop throws queued usage away" (litellm#38157).
/// </summary>
public sealed class GracefulStopTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const int Streams = 20;

    [Fact]
    public async Task Terminate_WhileStreamsRun_AllFinishNewcomersAreServedAndNothingIsLost()
    {
        await gateway.CreateAsync("providers", new { name = "paced", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 20, output_tokens = 80 } });
        await gateway.CreateAsync("providers", new { name = "quick", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 0, output_tokens = 3 } });
        await gateway.CreateAsync("models", new { name = "paced", backends = new[] { new { provider = "paced" } } });
        await gateway.CreateAsync("models", new { name = "quick", backends = new[] { new { provider = "quick" } } });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        HttpResponseMessage[] begun = await Task.WhenAll(Enumerable.Range(0, Streams).Select(i =>
            client.SendAsync(Request("paced", $"stream-{i}", stream: true), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken)));
        begun.ShouldAllBe(r => r.IsSuccessStatusCode);

        gateway.Terminate();

        // Readiness goes at once; whoever has not noticed yet is still served, on a connection that is not used again.
        await NotReadyAsync(client);
        int answered = 0;
        for (; answered < 50; answered++)
        {
            using HttpResponseMessage late = await client.SendAsync(Request("quick", $"late-{answered}", stream: false), TestContext.Current.CancellationToken);
            late.StatusCode.ShouldBe(HttpStatusCode.OK);
            late.Headers.ConnectionClose.ShouldBe(true);
        }
        string[] bodies = await Task.WhenAll(begun.Select(r => r.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        bodies.ShouldAllBe(b => b.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal));
        (await gateway.ExitAsync()).ShouldBe(0);

        await gateway.RestartAsync();
        JsonArray calls = (await gateway.GetAsync("requests?limit=1000")).AsArray();
        string[] ids = [.. calls.Select(c => c!["request_id"]!.GetValue<string>())];
        ids.Count(i => i.StartsWith("stream-", StringComparison.Ordinal)).ShouldBe(Streams);
        ids.Count(i => i.StartsWith("late-", StringComparison.Ordinal)).ShouldBe(answered);
        ids.ShouldBeUnique();
        calls.ShouldAllBe(c => c!["status"]!.GetValue<int>() == 200);
    }

    [Fact]
    public async Task Terminate_AnswersLongerThanTheGrace_EndWithAnErrorAndAreInTheDatabase()
    {
        await using var own = new RunningGateway { Settings = { ["Gateway__Shutdown__Delay"] = "0s", ["Gateway__Shutdown__GracePeriod"] = "1s" } };
        await own.InitializeAsync();
        await own.CreateAsync("providers", new { name = "endless", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 5, output_tokens = 1000 } });
        await own.CreateAsync("models", new { name = "endless", backends = new[] { new { provider = "endless" } } });
        await own.CreateAsync("models", new { name = "narrow", max_concurrency = 1, backends = new[] { new { provider = "endless" } } });
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await own.CreateAsync("providers", new { name = "silent", kind = "openai-compatible", base_url = $"http://{silent.LocalEndpoint}/v1" });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage stream = await client.SendAsync(Request(own, "endless", "stream", stream: true), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Task<HttpResponseMessage> whole = client.SendAsync(Request(own, "endless", "whole", stream: false), TestContext.Current.CancellationToken);
        Task<HttpResponseMessage> narrow = client.SendAsync(Request(own, "narrow", "narrow", stream: false), TestContext.Current.CancellationToken);
        using var files = new HttpRequestMessage(HttpMethod.Get, own.Url + "/providers/silent/files") { Headers = { { "Authorization", "Bearer " + own.Key } } };
        Task<HttpResponseMessage> passed = client.SendAsync(files, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => (await own.GetAsync("running")).AsArray().Count == 4);
        // Where this one waits nothing shows it from outside; it is told even if it comes late.
        Task<HttpResponseMessage> waits = client.SendAsync(Request(own, "narrow", "waits", stream: false), TestContext.Current.CancellationToken);
        await Task.Delay(500, TestContext.Current.CancellationToken);

        own.Terminate();

        (await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"code\":\"shutting_down\"");
        foreach (HttpResponseMessage told in await Task.WhenAll(whole, narrow, waits, passed))
        {
            told.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await told.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"code\":\"shutting_down\"");
        }
        (await own.ExitAsync()).ShouldBe(0);
        own.Output.ShouldNotContain("bytes of usage");
        await own.RestartAsync();
        JsonArray calls = (await own.GetAsync("requests?limit=10")).AsArray();
        calls.ShouldAllBe(c => c!["error_kind"]!.GetValue<string>() == "shutting_down");
        calls.Count.ShouldBe(5);
    }

    // Terminals send it when they are closed, and operators who expect files to be read again: it ended the process and cut every answer.
    [Fact]
    public async Task Hangup_WhileItServes_ReadsTheFilesAndGoesOn()
    {
        Assert.SkipWhen(IgnoresHangups(), "Run by nohup, whose programs do not hear the signal.");
        string file = Path.Combine(Path.GetTempPath(), $"hangup-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);
        await using var own = new RunningGateway { Settings = { ["Gateway__ConfigFile"] = file } };
        await own.InitializeAsync();

        own.Signal("HUP");

        await Eventually.TrueAsync(() => own.Output.Contains("The configuration was read again", StringComparison.Ordinal));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        (await client.GetAsync(new Uri(own.Url + "/readyz"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        File.Delete(file);
    }

    [Fact]
    public async Task Hangup_WhileItStops_ChangesNothing()
    {
        await using var own = new RunningGateway { Settings = { ["Gateway__Shutdown__GracePeriod"] = "1s" } };
        await own.InitializeAsync();
        await own.CreateAsync("providers", new { name = "endless", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 5, output_tokens = 1000 } });
        await own.CreateAsync("models", new { name = "endless", backends = new[] { new { provider = "endless" } } });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage stream = await client.SendAsync(Request(own, "endless", "stream", stream: true), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        string id = own.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        own.Terminate();
        Task<int> exit = own.ExitAsync();
        while (!exit.IsCompleted)
        {
            using Process kill = Process.Start("kill", ["-HUP", id]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        (await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"code\":\"shutting_down\"");
        (await exit).ShouldBe(0);
    }

    // The lowest bit is signal 1.
    private static bool IgnoresHangups() => OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal))[^1] is '1' or '3' or '5' or '7' or '9' or 'b' or 'd' or 'f';

    private Task NotReadyAsync(HttpClient client) => Eventually.TrueAsync(async () =>
    {
        using HttpResponseMessage ready = await client.GetAsync(new Uri(gateway.Url + "/readyz"), TestContext.Current.CancellationToken);
        return ready.StatusCode == HttpStatusCode.ServiceUnavailable;
    });

    private HttpRequestMessage Request(string model, string id, bool stream) => Request(gateway, model, id, stream);

    private static HttpRequestMessage Request(RunningGateway gateway, string model, string id, bool stream)
    {
        string body = $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"x"}]}""";
        var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        request.Headers.Add("X-Request-ID", id);
        return request;
    }
}
