using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Crash;

/// <summary>
/// Memory that grows until the process is killed (litellm#12685, #27954, #38193, #6404): mixed traffic for a while, and what the process
/// holds. <c>GATEWAY_SOAK_SECONDS</c> says how long; 24 by default, hours by bench/soak.sh, which prints the curve.
/// </summary>
public sealed class SoakTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const int Clients = 6;

    // What a garbage collector does within half a minute says little; what it does within hours does.
    private const double MostShortGrowth = 48;
    private const double MostGrowthAnHour = 1;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MixedTraffic_ForAWhile_MemoryStaysAsItIsOnceWarm()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A process's memory is read from /proc.");
        double seconds = double.Parse(Environment.GetEnvironmentVariable("GATEWAY_SOAK_SECONDS") ?? "24", CultureInfo.InvariantCulture);
        await gateway.CreateAsync("providers", new { name = "instant", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 0, output_tokens = 30 } });
        await gateway.CreateAsync("models", new { name = "instant", backends = new[] { new { provider = "instant" } } });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        int calls = 0;
        Task load = Task.WhenAll(Enumerable.Range(0, Clients).Select(c => Task.Run(async () =>
        {
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                await CallAsync(client, c, i);
                Interlocked.Increment(ref calls);
            }
        })));

        var curve = new List<(double Second, double Megabytes)>();
        TimeSpan step = TimeSpan.FromSeconds(Math.Max(1, seconds / 120));
        for (double at = 0; at < seconds && !load.IsCompleted; at += step.TotalSeconds)
        {
            await Task.Delay(step, Cancel);
            curve.Add((at + step.TotalSeconds, gateway.ResidentBytes / 1048576.0));
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{curve[^1].Second,8:0} s {curve[^1].Megabytes,7:0.0} MB {calls,10} calls"));
        }
        await end.CancelAsync();
        await load;

        (double Second, double Megabytes)[] warm = [.. curve.Skip(curve.Count / 3)];
        double slope = Slope(warm);
        double growth = slope * (warm[^1].Second - warm[0].Second);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Once warm {slope * 3600:0.00} MB an hour, {growth:0.0} MB over what was seen."));
        if (seconds >= 3600)
        {
            (slope * 3600).ShouldBeLessThan(MostGrowthAnHour);
        }
        else
        {
            growth.ShouldBeLessThan(MostShortGrowth);
        }
    }

    /// <summary>What all sorts of clients do: whole answers, streams, some that leave, requests that are refused, lists of the admin API.</summary>
    private async Task CallAsync(HttpClient client, int caller, int number)
    {
        bool stream = number % 3 == 0;
        bool admin = number % 50 == 49;
        using var request = admin ? new HttpRequestMessage(HttpMethod.Get, gateway.Url + "/admin/v1/requests?limit=20")
            : new HttpRequestMessage(HttpMethod.Post, gateway.Url + "/v1/chat/completions")
            {
                Content = new StringContent(
                    $$"""{"model":"{{(number % 11 == 10 ? $"no-such-model-{caller}-{number}" : "instant")}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"{{new string('x', 1 + (number * 37 % 20000))}}"}]}""",
                    Encoding.UTF8,
                    "application/json"),
            };
        request.Headers.Add("X-Admin-Key", gateway.AdminKey);
        request.Headers.Authorization = admin ? null : new AuthenticationHeaderValue("Bearer", number % 17 == 16 ? $"ml-nobody-{caller}-{number}" : gateway.Key);
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Unauthorized);
        if (number % 13 != 12)
        {
            await answer.Content.ReadAsByteArrayAsync(Cancel);
        }
    }

    /// <summary>By least squares, in megabytes a second.</summary>
    private static double Slope((double X, double Y)[] points)
    {
        double x = points.Average(p => p.X);
        double y = points.Average(p => p.Y);
        return points.Sum(p => (p.X - x) * (p.Y - y)) / points.Sum(p => (p.X - x) * (p.X - x));
    }
}
