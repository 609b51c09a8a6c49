using System.Text.Json.Nodes;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Reads what a deployment says of its prices.</summary>
internal sealed class LiteLlmPrices(LiteLlmReport report)
{
    private static readonly (string Theirs, string Ours)[] Members =
    [
        ("input_cost_per_token", "input_per_million"), ("output_cost_per_token", "output_per_million"),
        ("cache_read_input_token_cost", "cached_input_per_million"), ("cache_creation_input_token_cost", "cache_write_per_million"),
    ];

    public JsonArray Prices { get; } = [];

    /// <summary>One price, from its parameters and from what <c>model_info</c> adds to them.</summary>
    public void Read(string provider, string upstream, params ReadOnlySpan<(string At, JsonObject? From)> places)
    {
        var price = new JsonObject { ["model"] = upstream, ["provider"] = provider };
        bool told = Prices.OfType<JsonObject>().Any(o => (string?)o["model"] == upstream && (string?)o["provider"] == provider);
        foreach ((string at, JsonObject? from) in places)
        {
            foreach ((string theirs, string ours) in Members.Where(m => from?[m.Theirs] is not null))
            {
                if (Number(from![theirs]) is not { } each || each < 0 || each >= 1000)
                {
                    report.Unsupported($"{at}.{theirs}", "It is not a number of dollars.");
                }
                else if (told || price.ContainsKey(ours))
                {
                    report.Approximated($"{at}.{theirs}", $"\"{upstream}\" has one price at \"{provider}\": the first that the file gives.");
                }
                else
                {
                    price[ours] = each * 1_000_000;
                    report.Mapped($"{at}.{theirs}", $"{ours} of a price for \"{upstream}\" at \"{provider}\".");
                }
            }
        }
        if (price.Count > 2)
        {
            Prices.Add(price);
        }
    }
}
