using System.Text.Json.Nodes;
using Gateway.E2E.Hosting;

namespace Gateway.E2E.Console;

/// <summary>Gives a gateway teams and budgets, so that their pages have something to show.</summary>
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
}
