using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Crash;

/// <summary>
/// Incident catalogue, "usage lost or counted twice": the product is killed (SIGKILL) in the middle of traffic, again and
/// again. <c>GATEWAY_KILLS</c> sets how often; 4 by default, 100 for the long run.
/// </summary>
public sealed class KilledUnderLoadTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const int Clients = 8;

    // The one that was read last, the one that is written, and the one that is ready.
    private const int DrainedSegments = 3;
    private static readonly TimeSpan MostDraining = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task Kill_InTheMiddleOfTraffic_EveryAcknowledgedCallIsRecordedOnce()
    {
        int kills = int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_KILLS"), CultureInfo.InvariantCulture, out int set) ? set : 4;
        string provider = await gateway.CreateAsync("providers", new { name = "instant", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 0, output_tokens = 3 } });
        string model = await gateway.CreateAsync("models", new { name = "instant" });
        await gateway.CreateAsync($"models/{model}/backends", new { provider = "instant" });
        provider.ShouldNotBeEmpty();
        var acknowledged = new ConcurrentQueue<string>();

        for (int kill = 0; kill < kills; kill++)
        {
            using var stop = new CancellationTokenSource();
            Task load = Task.WhenAll(Enumerable.Range(0, Clients).Select(c => CallAsync($"k{kill}-c{c}", stream: c % 2 == 0, acknowledged, stop.Token)));
            int before = acknowledged.Count;
            await Eventually.TrueAsync(() => acknowledged.Count > before + (4 * Clients));
            await Task.Delay(kill * 37, TestContext.Current.CancellationToken);
            await gateway.KillAsync();
            await stop.CancelAsync();
            await load;
            await gateway.RestartAsync();
        }

        string[] sent = [.. acknowledged];
        // Until then every page is looked for in all of the journal, which only takes longer.
        var draining = Stopwatch.StartNew();
        while (Directory.GetFiles(Path.Combine(gateway.DataDirectory, "journal"), "*.journal").Length > DrainedSegments && draining.Elapsed < MostDraining)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
        sent.Length.ShouldBeGreaterThan(kills * Clients);
        Dictionary<string, int> recorded = await RecordedAsync();
        sent.Where(id => recorded.GetValueOrDefault(id) != 1).ShouldBeEmpty();
        recorded.Where(r => r.Value > 1).ShouldBeEmpty();
        TestContext.Current.TestOutputHelper!.WriteLine($"{kills} kills, {sent.Length} acknowledged calls, {recorded.Count} recorded.");
    }

    /// <summary>Calls until the gateway is gone; an id counts as acknowledged when its answer was read to the end.</summary>
    private async Task CallAsync(string prefix, bool stream, ConcurrentQueue<string> acknowledged, CancellationToken stop)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        string body = $$"""{"model":"instant","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"x"}]}""";
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
            request.Headers.Add("X-Request-ID", $"{prefix}-{i}");
            try
            {
                using HttpResponseMessage response = await client.SendAsync(request, stop);
                string answer = await response.Content.ReadAsStringAsync(stop);
                if (response.IsSuccessStatusCode && (!stream || answer.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal)))
                {
                    acknowledged.Enqueue($"{prefix}-{i}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<Dictionary<string, int>> RecordedAsync()
    {
        var counts = new Dictionary<string, int>();
        string after = "";
        while (true)
        {
            JsonArray page = (await gateway.GetAsync("requests?limit=1000" + after)).AsArray();
            foreach (JsonNode? call in page)
            {
                string id = call!["request_id"]!.GetValue<string>();
                counts[id] = counts.GetValueOrDefault(id) + 1;
            }
            if (page.Count < 1000)
            {
                return counts;
            }
            after = "&after=" + Uri.EscapeDataString(page[^1]!["id"]!.GetValue<string>());
        }
    }
}
