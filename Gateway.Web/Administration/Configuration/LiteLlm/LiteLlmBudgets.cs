using System.Text.Json.Nodes;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Reads what may be spent: by the whole gateway, and at single vendors.</summary>
internal sealed class LiteLlmBudgets(LiteLlmReport report, LiteLlmAccounts accounts)
{
    public JsonArray Budgets { get; } = [];

    public void Read(JsonObject root)
    {
        if (root["litellm_settings"] is JsonObject { } own && own["max_budget"] is not null)
        {
            Add("litellm_settings", own, "max_budget", "budget_duration", new JsonObject { ["name"] = "LiteLLM max_budget", ["scope"] = "gateway" }, "the whole gateway");
        }
        foreach ((string prefix, JsonNode? budget) in (root["router_settings"] as JsonObject)?["provider_budget_config"] as JsonObject ?? [])
        {
            string at = $"router_settings.provider_budget_config.{prefix}";
            if (budget is not JsonObject limit)
            {
                report.Unsupported(at, "A budget has budget_limit and time_period.");
            }
            else if (accounts.Of(prefix) is [var only])
            {
                Add(at, limit, "budget_limit", "time_period", new JsonObject { ["name"] = $"LiteLLM {prefix}", ["scope"] = "provider", ["of"] = only }, $"the provider \"{only}\"");
            }
            else
            {
                report.Unsupported(at, accounts.Of(prefix).Count == 0
                    ? "No deployment of it was taken over."
                    : $"It became several providers here ({string.Join(", ", accounts.Of(prefix))}): give them budgets on the Budgets & limits page.");
            }
        }
    }

    private void Add(string at, JsonObject from, string amountIs, string periodIs, JsonObject budget, string of)
    {
        if (Number(from[amountIs]) is not { } amount || amount < 0 || amount > 1_000_000_000)
        {
            report.Unsupported($"{at}.{amountIs}", "It is not a number of dollars.");
            return;
        }
        if (Period(Text(from[periodIs])) is not { } period)
        {
            report.Unsupported($"{at}.{amountIs}", "A budget is for a day, a week, a month, or once: set one on the Budgets & limits page.");
            report.Unsupported($"{at}.{periodIs}", "A budget is for a day, a week, a month, or once.");
            return;
        }
        budget["amount_usd"] = amount;
        budget["period"] = period;
        Budgets.Add(budget);
        report.Mapped($"{at}.{amountIs}", $"A hard budget of {of}.");
        report.Approximated($"{at}.{periodIs}", $"The period \"{period}\", which follows the calendar.");
    }

    private static string? Period(string? duration) => duration?.ToLowerInvariant() switch
    {
        null => "fixed",
        "1d" or "24h" or "daily" => "day",
        "7d" or "1w" or "weekly" => "week",
        "28d" or "29d" or "30d" or "31d" or "1mo" or "monthly" => "month",
        _ => null,
    };
}
