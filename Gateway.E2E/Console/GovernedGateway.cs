using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Gateway.E2E.Hosting;

namespace Gateway.E2E.Console;

/// <summary>Gives a gateway teams, budgets and calls, so that its pages have something to show.</summary>
internal static class GovernedGateway
{
    /// <summary>Once for each gateway; again it does nothing.</summary>
    public static async Task GovernAsync(this RunningGateway gateway)
    {
        if ((await gateway.GetAsync("teams")) is JsonArray { Count: > 0 })
        {
            return;
        }
        await gateway.CreateAsync("teams", new { name = "search", owners = new[] { "ada@example.com", "bob@example.com" }, allowed_models = new[] { "sim-*" } });
        await gateway.CreateAsync("teams", new { name = "billing", active = false });
        await gateway.CreateAsync("keys", new { name = "search-production", team = "search", owner = "ada@example.com", max_parallel = 20 }, "key");
        await gateway.CreateAsync("budgets", new { name = "Search, monthly", scope = "team", of = "search", amount_usd = "250", time_zone = "Europe/Berlin", extra_usd = "50", extra_until = "2099-01-01T00:00:00Z" });
        await gateway.CreateAsync("budgets", new { name = "Everything", scope = "gateway", amount_usd = "0", period = "day", hard = false });
        await gateway.CreateAsync("budgets", new { name = "Trial", scope = "key", of = "search-production", amount_usd = "5", period = "fixed", active = false });
    }

    /// <summary>A few calls of each kind: whole, streamed, failing over, refused, failing, for a model that is not there.</summary>
    public static async Task CallAsync(this RunningGateway gateway)
    {
        await gateway.CreateAsync("slos", new { model = "sim-chat", error_rate_percent = 1, ttft_p95_ms = 800 });
        await gateway.CreateAsync("alerts/rules", new { name = "Many failures", metric = "error_rate_percent", threshold = 5 });
        await gateway.CreateAsync("configuration/drafts", new { name = "One more model" });
        await gateway.CreateAsync("views", new { name = "Failures of today", page = "requests", query = "range=24h&q=status%3A5xx" });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        foreach ((string model, bool stream, string? route, string key) in (IEnumerable<(string, bool, string?, string)>)
            [("sim-chat", false, null, gateway.Key), ("sim-chat", true, null, gateway.Key), ("sim-reasoning", true, null, gateway.Key), ("sim-chat", false, "demo", gateway.Key),
                ("sim-failing", false, null, gateway.Key), ("no-such-model", false, null, gateway.Key), ("sim-chat", false, null, "ml-wrong")])
        {
            for (int i = 0; i < 5; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + "/v1/chat/completions");
                request.Headers.Authorization = new("Bearer", key);
                request.Content = JsonContent.Create(new { model, stream, omni_route = route, messages = new[] { new { role = "user", content = "What should I pack for three days in the rain?" } } });
                using HttpResponseMessage answer = await client.SendAsync(request);
                await answer.Content.ReadAsStringAsync();
            }
        }
    }
}
