using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Crash;

/// <summary>A process that is killed (SIGKILL) while calls run leaves them in the books as estimated, once, and budgets remember what was spent.</summary>
public sealed class InterruptedCallsTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task Kill_WhileCallsRun_TheyAreRecordedAsEstimatedAndTheBudgetKnows()
    {
        await gateway.CreateAsync("providers", new { name = "slow", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 40, output_tokens = 4000 } });
        await gateway.CreateAsync("providers", new { name = "silent", kind = "simulated", settings = new { latency_ms = 60000 } });
        await gateway.CreateAsync("models", new { name = "slow", backends = new[] { new { provider = "slow" } } });
        await gateway.CreateAsync("models", new { name = "silent", max_output_tokens = 50, backends = new[] { new { provider = "silent" } } });
        await gateway.CreateAsync("prices", new { model = "*", effective_from = "2026-01-01T00:00:00Z", input_per_million = "1000", output_per_million = "1000" });
        await gateway.CreateAsync("budgets", new { name = "all", scope = "gateway", amount_usd = "1000", period = "month" });

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Task<string>[] streams = [.. Enumerable.Range(0, 3).Select(i => ReadSomeAsync(client, $"stream-{i}"))];
        Task<HttpResponseMessage> whole = client.SendAsync(Request("silent", "whole", stream: false), TestContext.Current.CancellationToken);
        await Task.WhenAll(streams);
        await gateway.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(async () => await whole);
        await gateway.RestartAsync();

        JsonArray calls = await InterruptedAsync(4);
        calls.Select(c => Text(c, "request_id")).Order().ShouldBe(["stream-0", "stream-1", "stream-2", "whole"]);
        foreach (JsonNode? call in calls)
        {
            JsonNode usage = call!["usage"]!;
            Text(usage, "source").ShouldBe("estimated", StringCompareShould.IgnoreCase);
            usage["input_tokens"]!.GetValue<long>().ShouldBeGreaterThan(0);
            usage["output_tokens"]!.GetValue<long>().ShouldBeGreaterThan(3);
            Dollars(call, "cost").ShouldBeGreaterThan(0);
        }
        decimal cost = calls.Sum(c => Dollars(c!, "cost"));
        await Eventually.TrueAsync(async () =>
        {
            JsonNode standing = (await gateway.GetAsync("budgets"))[0]!["standing"]!;
            return Dollars(standing, "spent_usd") == cost && Dollars(standing, "reserved_usd") == 0;
        });

        // Another death finds nothing more to record.
        await gateway.KillAsync();
        await gateway.RestartAsync();
        (await InterruptedAsync(4)).Count.ShouldBe(4);
    }

    private async Task<JsonArray> InterruptedAsync(int count)
    {
        JsonArray calls = [];
        await Eventually.TrueAsync(async () => (calls = (await gateway.GetAsync("requests?error_kind=interrupted")).AsArray()).Count >= count);
        return calls;
    }

    /// <summary>Reads the first few chunks of a stream that then goes on.</summary>
    private async Task<string> ReadSomeAsync(HttpClient client, string id)
    {
        HttpResponseMessage response = await client.SendAsync(Request("slow", id, stream: true), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var text = new StringBuilder();
        for (int chunks = 0; chunks < 12;)
        {
            string line = (await reader.ReadLineAsync(TestContext.Current.CancellationToken))!;
            text.Append(line);
            chunks += line.StartsWith("data:", StringComparison.Ordinal) ? 1 : 0;
        }
        return text.ToString();
    }

    private HttpRequestMessage Request(string model, string id, bool stream)
    {
        string body = $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"a question of some words"}]}""";
        var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
        request.Headers.Add("X-Request-ID", id);
        return request;
    }

    private static string Text(JsonNode? node, string name) => node![name]!.GetValue<string>();

    private static decimal Dollars(JsonNode node, string name) => decimal.Parse(Text(node, name), CultureInfo.InvariantCulture);
}
