using System.Text.Json.Nodes;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Reads fallbacks, which become routes, and aliases, which become names of their models.</summary>
internal sealed class LiteLlmRouting(LiteLlmReport report, LiteLlmSettings settings, LiteLlmModels models)
{
    private readonly Dictionary<string, List<string>> _chains = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _aliases = new(StringComparer.Ordinal);

    public JsonArray Routes { get; } = [];

    public void Read(JsonObject root)
    {
        // The router's own win over the same in litellm_settings, as they do there.
        Aliases("router_settings.model_group_alias", (root["router_settings"] as JsonObject)?["model_group_alias"] as JsonObject);
        Aliases("litellm_settings.model_alias_map", (root["litellm_settings"] as JsonObject)?["model_alias_map"] as JsonObject);
        foreach (string section in new[] { "router_settings", "litellm_settings" })
        {
            Fallbacks($"{section}.fallbacks", (root[section] as JsonObject)?["fallbacks"]);
        }
        foreach (string section in new[] { "router_settings", "litellm_settings" })
        {
            Defaults($"{section}.default_fallbacks", (root[section] as JsonObject)?["default_fallbacks"] as JsonArray);
        }
        foreach ((string model, List<string> chain) in _chains)
        {
            string name = Unique($"{model}-fallbacks");
            JsonObject Step(string of)
            {
                var step = new JsonObject { [models.Has(of) ? "model" : "backend"] = of };
                if (settings.Retries is { } retries)
                {
                    step["retries"] = retries;
                }
                if (settings.BackoffMs is { } backoff)
                {
                    step["backoff_ms"] = backoff;
                }
                return step;
            }
            Routes.Add(new JsonObject { ["name"] = name, ["steps"] = new JsonArray([.. chain.Prepend(model).Select(Step)]) });
            models.Find(model)["default_route"] = name;
        }
    }

    private void Aliases(string path, JsonObject? aliases)
    {
        foreach ((string alias, JsonNode? target) in aliases ?? [])
        {
            string at = $"{path}.{alias}";
            string? model = target is JsonObject map ? Text(map["model"]) : Text(target);
            if (model is null || !models.Has(model))
            {
                report.Unsupported(at, "The model that it is to name was not taken over.");
                continue;
            }
            if (models.Has(alias) || !_aliases.TryAdd(alias, model))
            {
                report.Unsupported(at, "A model or another alias has this name.");
                continue;
            }
            ((JsonArray)(models.Find(model)["aliases"] ??= new JsonArray())).Add(alias);
            report.Mapped(target is JsonObject ? $"{at}.model" : at, $"An alias of the model \"{model}\".");
            if (target is JsonObject hidden && hidden["hidden"] is not null)
            {
                report.Unsupported($"{at}.hidden", "Aliases are listed by /v1/models for every key that may use them.");
            }
        }
    }

    private void Fallbacks(string path, JsonNode? fallbacks)
    {
        JsonArray list = fallbacks as JsonArray ?? (fallbacks is JsonObject single ? new JsonArray(single.DeepClone()) : []);
        for (int i = 0; i < list.Count; i++)
        {
            foreach ((string of, JsonNode? targets) in list[i] as JsonObject ?? [])
            {
                string at = fallbacks is JsonArray ? $"{path}[{i}].{of}" : $"{path}.{of}";
                string model = ModelOf(of);
                if (of == "*")
                {
                    Defaults(at, targets as JsonArray);
                    continue;
                }
                if (!models.Has(model))
                {
                    report.Unsupported(at, $"The model \"{model}\" was not taken over.");
                    continue;
                }
                if (_chains.ContainsKey(model))
                {
                    report.Unsupported(at, $"\"{model}\" has fallbacks already.");
                    continue;
                }
                report.Approximated($"{at}[{IndexOf(targets as JsonArray, of)}]", "A model is no fallback of itself here: it is the route's first step, and retries are its.");
                List<string> chain = Targets(at, model, targets as JsonArray, "A step of the route");
                if (chain.Count > 0)
                {
                    _chains[model] = chain;
                }
            }
        }
    }

    private void Defaults(string path, JsonArray? targets)
    {
        if (targets is null)
        {
            return;
        }
        foreach (JsonObject model in models.Models.OfType<JsonObject>())
        {
            string name = (string)model["name"]!;
            if (!_chains.ContainsKey(name) && Targets(path, name, targets, "A step of the routes of models without fallbacks of their own, such as") is { Count: > 0 } chain)
            {
                _chains[name] = chain;
            }
        }
    }

    private List<string> Targets(string path, string model, JsonArray? targets, string what)
    {
        var chain = new List<string>();
        for (int i = 0; i < (targets?.Count ?? 0); i++)
        {
            string at = $"{path}[{i}]";
            switch (Text(targets![i]) is { } target ? ModelOf(target) : null)
            {
                case { } name when name == model:
                    break;
                case { } name when (models.Has(name) || models.HasBackend(name)) && chain.Count < 19:
                    chain.Add(name);
                    report.Mapped(at, $"{what} \"{model}-fallbacks\", which is the default route of \"{model}\".");
                    break;
                case { } name when models.Has(name) || models.HasBackend(name):
                    report.Unsupported(at, "A route has at most 20 steps.");
                    break;
                case not null:
                    report.Unsupported(at, "The model that it names was not taken over.");
                    break;
                default:
                    report.Unsupported(at, "Only names of models can be fallbacks here; other parameters cannot be changed for them.");
                    break;
            }
        }
        return chain;
    }

    private static int IndexOf(JsonArray? targets, string model) => targets is null ? -1 : targets.ToList().FindIndex(t => Text(t) == model);

    private string ModelOf(string name) => _aliases.GetValueOrDefault(name, name);

    private string Unique(string wanted)
    {
        string name = wanted;
        for (int i = 2; !_names.Add(name); i++)
        {
            name = $"{wanted}-{i}";
        }
        return name;
    }
}
