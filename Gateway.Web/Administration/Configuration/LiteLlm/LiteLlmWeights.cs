using System.Text.Json.Nodes;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Weights are whole numbers from 1 to 1000 here; what matters of them is their proportion.</summary>
internal static class LiteLlmWeights
{
    public static void Share(IEnumerable<JsonObject> models)
    {
        foreach (JsonObject model in models)
        {
            List<JsonObject> backends = [.. ((JsonArray)model["backends"]!).OfType<JsonObject>()];
            List<decimal> weights = [.. backends.Select(b => b["weight"]?.GetValue<decimal>()).OfType<decimal>()];
            decimal scale = weights.Count == 0 ? 1 : weights.Max() > 1000 ? 1000 / weights.Max() : weights.Any(w => w % 1 != 0) ? 1000 / weights.Max() : 1;
            bool same = weights.Count == backends.Count && weights.Distinct().Count() == 1;
            foreach (JsonObject backend in backends)
            {
                decimal? weight = backend["weight"]?.GetValue<decimal>();
                backend.Remove("weight");
                if (weight is { } share && !same && backends.Count > 1)
                {
                    backend["weight"] = Math.Clamp((int)Math.Round(share * scale), 1, 1000);
                }
            }
        }
    }
}
