using System.Globalization;
using System.Net;
using System.Text;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

/// <summary><c>/metrics</c> of the whole product.</summary>
public sealed class MetricsTests
{
    private const string V1 = "/admin/v1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_AfterACall_HaveGrownByExactlyOne()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, upstream.Url);
        const string Requests = """gateway_requests_total{model="m",provider="p",operation="chat.completions",status="2xx",error=""}""";

        (await admin.ChatAsync(key, "m")).ShouldBe(200);
        await ShowsAsync(admin, Requests, 1);
        (await admin.ChatAsync(key, "m")).ShouldBe(200);
        await ShowsAsync(admin, Requests, 2);

        Scrape scrape = await ReadAsync(admin);
        scrape["""gateway_request_duration_seconds_count{model="m",provider="p"}"""].ShouldBe(2);
        scrape["""gateway_overhead_seconds_count{model="m",provider="p"}"""].ShouldBe(2);
        scrape["""gateway_tokens_total{model="m",provider="p",type="output"}"""].ShouldBe(44);
        scrape["""gateway_failovers_total{model="m",provider="p"}"""].ShouldBe(0);
        scrape["gateway_active_requests"].ShouldBe(0);
        scrape["gateway_database_up"].ShouldBe(1);
        scrape["gateway_journal_writable"].ShouldBe(1);
        scrape["""gateway_queue_waiting{queue="process",model=""}"""].ShouldBe(0);
        scrape["""gateway_credentials{provider="p",state="available"}"""].ShouldBe(1);
        scrape["process_resident_memory_bytes"].ShouldBeGreaterThan(1e6);
        scrape["process_cpu_seconds_total"].ShouldBeGreaterThan(0);
        scrape.Series("gateway_backend_up").ShouldHaveSingleItem().Value.ShouldBe(1);
        scrape.Series("gateway_circuit_state").ShouldHaveSingleItem().Value.ShouldBe(0);
        scrape.Text.ShouldNotContain("the-client");
        scrape.Text.ShouldNotContain("sk-of-the-upstream");
    }

    [Fact]
    public async Task Metrics_OfAStream_TellTheTimeToItsTokens()
    {
        long first = 0;
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            first = TimeProvider.System.GetTimestamp();
            await c.ChunkAsync($"data: {Answers.Delta("one")}\n\n");
            await Task.Delay(300, c.Stop);
            await c.ChunkAsync($"data: {Answers.Delta("two")}\n\n");
            await seen.Task.WaitAsync(c.Stop);
            await Task.Delay(900, c.Stop);
            await c.ChunkAsync($"data: {Answers.Finish}\n\ndata: {Answers.Usage}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, upstream.Url);

        TimeSpan most = default;
        await StreamAsync(admin, key, line =>
        {
            if (line.Contains("\"two\"", StringComparison.Ordinal))
            {
                most = TimeProvider.System.GetElapsedTime(first);
                seen.SetResult();
            }
        });

        await ShowsAsync(admin, """gateway_inter_token_latency_seconds_count{model="m",provider="p"}""", 1);
        Scrape scrape = await ReadAsync(admin);
        // Six tokens, so five gaps, in the 300 ms or more between the first and the last content; what came after it is no gap.
        scrape["""gateway_inter_token_latency_seconds_sum{model="m",provider="p"}"""].ShouldBeInRange(0.03, most.TotalSeconds / 5);
        scrape["""gateway_time_to_first_token_seconds_count{model="m",provider="p"}"""].ShouldBe(1);
    }

    [Fact]
    public async Task Metrics_WhileAStreamRuns_CountIt()
    {
        var go = new TaskCompletionSource();
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Delta("one")}\n\n");
            await go.Task;
            await c.ChunkAsync($"data: {Answers.Finish}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, upstream.Url);

        Task streaming = StreamAsync(admin, key);
        await ShowsAsync(admin, "gateway_active_streams", 1);
        (await ReadAsync(admin)).Series("gateway_backend_active_requests").ShouldHaveSingleItem().Value.ShouldBe(1);
        go.SetResult();
        await streaming;

        await ShowsAsync(admin, "gateway_active_streams", 0);
    }

    [Fact]
    public async Task Metrics_OfARefusalAndAnUnknownModel_SayWhyAndNotWhat()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, upstream.Url, """{"name":"the-client","rpm_limit":1}""");

        (await admin.ChatAsync(key, "my secret words")).ShouldBe(404);
        (await admin.ChatAsync(key, "m")).ShouldBe(200);
        (await admin.ChatAsync(key, "m")).ShouldBe(429);

        await ShowsAsync(admin, """gateway_limit_rejections_total{limit="rpm",scope="key"}""", 1);
        Scrape scrape = await ReadAsync(admin);
        scrape["""gateway_requests_total{model="m",provider="",operation="chat.completions",status="4xx",error="rate_limited"}"""].ShouldBe(1);
        scrape["""gateway_requests_total{model="unknown",provider="",operation="chat.completions",status="4xx",error="model_not_found"}"""].ShouldBe(1);
        scrape.Text.ShouldNotContain("my secret words");
    }

    [Fact]
    public async Task Metrics_OfAFailover_ShowBothAttempts()
    {
        await using ScriptedUpstream broken = ScriptedUpstream.Json(Answers.Error("no"), 500);
        await using ScriptedUpstream sound = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct { Settings = { ["Gateway:Upstreams:MaxRetries"] = "0" } };
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/providers", $$"""{"name":"broken","base_url":"{{broken.Url}}"}""");
        await admin.PostAsync(V1 + "/providers", $$"""{"name":"sound","base_url":"{{sound.Url}}"}""");
        await admin.PostAsync(V1 + "/models", """{"name":"m","backends":[{"provider":"broken","priority":0},{"provider":"sound","priority":1}]}""");
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"c"}""")).GetProperty("key").GetString()!;

        (await admin.ChatAsync(key, "m")).ShouldBe(200);

        await ShowsAsync(admin, """gateway_failovers_total{model="m",provider="sound"}""", 1);
        (string Name, double Value)[] attempts = (await ReadAsync(admin)).Series("gateway_attempts_total");
        attempts.Length.ShouldBe(2);
        attempts.ShouldContain(a => a.Name.Contains("provider=\"broken\"") && a.Name.Contains("outcome=\"upstream_server_error\"") && a.Value == 1);
        attempts.ShouldContain(a => a.Name.Contains("provider=\"sound\"") && a.Name.Contains("outcome=\"success\"") && a.Value == 1);
    }

    [Fact]
    public async Task Metrics_OfABudget_SayHowMuchIsSpent()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = await SetUpAsync(admin, upstream.Url);
        await admin.PostAsync(V1 + "/prices", """{"model":"m","input_per_million":0,"output_per_million":25000}""");
        await admin.PostAsync(V1 + "/budgets", """{"name":"lunch","scope":"gateway","amount_usd":"1.1","hard":false}""");
        // What was spent before it was set is looked up first.
        await Eventually.TrueAsync(() => product.Catalog.Current.Budgets.Values.SingleOrDefault() is { Meter.Seeded.IsCompleted: true });

        (await admin.ChatAsync(key, "m")).ShouldBe(200);

        await ShowsAsync(admin, """gateway_budget_spent_ratio{budget="lunch",scope="gateway"}""", 0.5);
        (await ReadAsync(admin))["""gateway_cost_usd_total{model="m",provider="p"}"""].ShouldBe(0.55);
    }

    [Fact]
    public async Task Metrics_AskedAsPrometheusAsks_AreOpenMetrics()
    {
        await using var product = new TestProduct();
        await product.StartAsync();
        HttpClient anonymous = product.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation(
            "Accept", "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1");

        using HttpResponseMessage answer = await anonymous.SendAsync(request, Cancel);

        answer.Content.Headers.ContentType!.ToString().ShouldBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
        string text = await answer.Content.ReadAsStringAsync(Cancel);
        text.ShouldContain("# TYPE gateway_requests counter\n");
        text.ShouldEndWith("\n# EOF\n");
        using HttpResponseMessage plain = await anonymous.GetAsync("/metrics", Cancel);
        plain.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        (await plain.Content.ReadAsStringAsync(Cancel)).ShouldNotContain("# EOF");
    }

    [Fact]
    public async Task Metrics_SwitchedOff_AreNotFound()
    {
        await using var product = new TestProduct { Settings = { ["Gateway:Telemetry:Metrics"] = "false" } };
        await product.StartAsync();

        (await product.CreateClient().GetAsync("/metrics", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Metrics_OfANodeThatOnlyServes_AreThere()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-product-").FullName;
        try
        {
            await using (var whole = new TestProduct(directory))
            {
                await whole.StartAsync();
            }
            await using var product = new TestProduct(directory) { Settings = { ["Gateway:Role"] = "gateway" } };
            HttpClient client = await product.StartAsync();

            (await ReadAsync(client)).Series("gateway_build_info").ShouldHaveSingleItem().Name.ShouldContain("role=\"gateway\"");
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directories.Remove(directory);
        }
    }

    [Fact]
    public async Task Metrics_WithAPortOfTheirOwn_AreThereAndNowhereElse()
    {
        int port = FreePort.Next();
        await using var product = new TestProduct { OnSocket = true, Settings = { ["Gateway:Telemetry:MetricsPort"] = $"{port}" } };
        HttpClient client = await product.StartAsync();
        client.BaseAddress!.Port.ShouldNotBe(port);
        var own = new Uri($"http://127.0.0.1:{port}");

        (await client.GetAsync("/metrics", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetAsync(new Uri(own, "/metrics"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync(new Uri(own, "/healthz"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetAsync(new Uri(own, "/v1/models"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var lying = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Host = $"127.0.0.1:{port}" } };
        (await client.SendAsync(lying, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<string> SetUpAsync(HttpClient admin, Uri upstream, string keyOf = """{"name":"the-client"}""")
    {
        await admin.PostAsync(V1 + "/providers", $$"""{"name":"p","base_url":"{{upstream}}","credentials":[{"label":"main","secret":"sk-of-the-upstream"}]}""");
        await admin.PostAsync(V1 + "/models", """{"name":"m","backends":[{"provider":"p"}]}""");
        return (await admin.PostAsync(V1 + "/keys", keyOf)).GetProperty("key").GetString()!;
    }

    private static async Task StreamAsync(HttpClient client, string key, Action<string>? seeing = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"),
            Headers = { { "Authorization", "Bearer " + key } },
        };
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            seeing?.Invoke(line);
        }
    }

    // A finished call is counted a moment after its answer.
    private static Task ShowsAsync(HttpClient client, string series, double value) =>
        Eventually.TrueAsync(async () => Math.Abs((await ReadAsync(client))[series] - value) < 1e-9, $"{series} {value}");

    private static async Task<Scrape> ReadAsync(HttpClient client)
    {
        using HttpResponseMessage answer = await client.GetAsync("/metrics", Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return new Scrape(await answer.Content.ReadAsStringAsync(Cancel));
    }

    /// <summary>What was read, line by line; every series is there once.</summary>
    private sealed class Scrape(string text)
    {
        private readonly Dictionary<string, double> _values = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#')
            .ToDictionary(l => l[..l.LastIndexOf(' ')], l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

        public string Text => text;

        /// <summary>Not a number where there is no such series.</summary>
        public double this[string series] => _values.GetValueOrDefault(series, double.NaN);

        public (string Name, double Value)[] Series(string family) =>
            [.. _values.Where(v => v.Key == family || v.Key.StartsWith(family + "{", StringComparison.Ordinal)).Select(v => (v.Key, v.Value))];
    }
}
