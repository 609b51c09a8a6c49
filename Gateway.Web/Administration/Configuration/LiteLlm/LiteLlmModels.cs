using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Reads <c>model_list</c>: deployments of one name become backends of one model, their accounts providers (<see cref="LiteLlmAccounts"/>).</summary>
internal sealed class LiteLlmModels(LiteLlmReport report, LiteLlmSettings settings, LiteLlmAccounts accounts)
{
    /// <summary>What clients may send themselves; a deployment that sets it has it as a default.</summary>
    private static readonly string[] Defaults =
    [
        "temperature", "top_p", "max_tokens", "max_completion_tokens", "frequency_penalty", "presence_penalty", "seed", "stop", "n", "user", "response_format",
        "reasoning_effort", "tools", "tool_choice", "parallel_tool_calls", "logprobs", "top_logprobs", "service_tier", "dimensions", "verbosity", "thinking",
    ];

    private readonly Dictionary<string, JsonObject> _models = new(StringComparer.Ordinal);

    public JsonArray Models { get; } = [];
    public JsonArray Prices { get; } = [];

    public bool Has(string model) => _models.ContainsKey(model);

    public JsonObject Find(string model) => _models[model];

    public void Read(JsonArray list)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i] is JsonObject deployment)
            {
                Read($"model_list[{i}]", deployment);
            }
        }
        ShareWeights();
    }

    private void Read(string path, JsonObject deployment)
    {
        JsonObject p = deployment["litellm_params"] as JsonObject ?? [];
        string at = $"{path}.litellm_params";
        if (Text(deployment["model_name"]) is not { } name || Text(p["model"]) is not { } sent)
        {
            report.Unsupported(path, "A deployment needs model_name and litellm_params.model.");
            return;
        }
        (LiteLlmProvider known, string upstream) = LiteLlmProvider.Of(sent, Text(p["custom_llm_provider"]));
        string? address = LiteLlmAccounts.Address(p);
        if (known.Kind is null && address is null)
        {
            report.Unsupported(path, $"There is no provider of the kind \"{known.Prefix}\" here, and no api_base that an OpenAI-compatible one could have. The deployment is left out.");
            return;
        }
        if (known is { Kind: ProviderKind.OpenAICompatible, Profile: null, BaseUrl: null } && address is null)
        {
            report.Unsupported(path, $"\"{known.Prefix}\" needs an api_base. The deployment is left out.");
            return;
        }
        if (known.Kind == ProviderKind.AzureOpenAI && address is null)
        {
            report.Unsupported(path, "Azure needs an api_base that is written down. The deployment is left out.");
            return;
        }
        string provider = accounts.ProviderOf(at, name, p, deployment, path, known, address);
        if (name.Contains('*') || upstream.Contains('*') || upstream.Length == 0)
        {
            string note = upstream.Length == 0
                ? $"The deployment names no model. Its account became the provider \"{provider}\"; add a model for it."
                : $"A model has no pattern for a name here. Its account became the provider \"{provider}\": name the models, or set Gateway:DefaultProvider to it for every name that nothing else has.";
            report.Approximated($"{path}.model_name", note);
            report.Approximated($"{at}.model", note);
            ReadInfo(path, deployment["model_info"] as JsonObject, null, null);
            return;
        }
        Model(path, name, provider, upstream, p, deployment, known);
    }

    private void Model(string path, string name, string provider, string upstream, JsonObject p, JsonObject deployment, LiteLlmProvider known)
    {
        string at = $"{path}.litellm_params";
        if (!_models.TryGetValue(name, out JsonObject? model))
        {
            _models[name] = model = new JsonObject { ["name"] = name, ["backends"] = new JsonArray() };
            if (settings.Policy is { } policy)
            {
                model["routing_policy"] = policy;
            }
            Models.Add(model);
        }
        var backend = new JsonObject { ["provider"] = provider, ["upstream_model"] = upstream };
        report.Mapped($"{path}.model_name", $"The model \"{name}\".");
        if (known.Kind is null)
        {
            report.Approximated($"{at}.model", $"\"{known.Prefix}\" is not known here; because of its api_base it is called as an OpenAI-compatible server, with the model \"{upstream}\".");
        }
        else
        {
            report.Mapped($"{at}.model", $"A backend of it at the provider \"{provider}\", with the upstream model \"{upstream}\".");
        }
        report.Mapped($"{at}.custom_llm_provider", "The kind of the provider.");
        decimal? weight = Number(p["weight"]) ?? Number(p["rpm"]) ?? Number(deployment["rpm"]) ?? Number(p["tpm"]) ?? Number(deployment["tpm"]);
        if (p["weight"] is not null)
        {
            report.Mapped($"{at}.weight", "The backend's weight.");
        }
        backend["weight"] = weight is > 0 ? (JsonNode)weight.Value : null;
        if (Whole(p["max_parallel_requests"]) is { } parallel)
        {
            backend["max_concurrency"] = parallel;
            report.Mapped($"{at}.max_parallel_requests", "max_concurrency of the backend.");
        }
        if (Whole(p["order"]) is { } order)
        {
            backend["priority"] = order - 1;
            report.Mapped($"{at}.order", "The backend's priority, which counts from 0.");
        }
        ((JsonArray)model["backends"]!).Add(backend);
        bool first = ((JsonArray)model["backends"]!).Count == 1;
        foreach (string member in Defaults.Where(d => p[d] is not null))
        {
            if (first)
            {
                ((JsonObject)(model["default_params"] ??= new JsonObject()))[member] = p[member]!.DeepClone();
                report.Mapped($"{at}.{member}", $"default_params.{member} of the model: what clients that send none get.");
            }
            else
            {
                report.Approximated($"{at}.{member}", "Defaults are the model's here, not a backend's: those of its first deployment hold.");
            }
        }
        Price(at, provider, upstream, p);
        if (p["drop_params"] is not null)
        {
            report.Approximated($"{at}.drop_params", "What a wire cannot carry is left out and told in the header x-gateway-lossy; on_loss of the model says otherwise.");
        }
        if ((p["num_retries"] ?? p["max_retries"]) is not null)
        {
            foreach (string member in new[] { "num_retries", "max_retries" })
            {
                report.Approximated($"{at}.{member}", "Retries are a route step's here: give the model a route, or set Gateway:Upstreams:MaxRetries.");
            }
        }
        ReadInfo(path, deployment["model_info"] as JsonObject, model, backend);
    }

    private void ReadInfo(string path, JsonObject? info, JsonObject? model, JsonObject? backend)
    {
        if (info is null || model is null || backend is null)
        {
            return;
        }
        string at = $"{path}.model_info";
        if (Text(info["id"]) is { Length: <= 64 } id)
        {
            bool taken = Models.OfType<JsonObject>().SelectMany(m => (JsonArray)m["backends"]!).OfType<JsonObject>().Any(b => (string?)b["id"] == id);
            if (!taken)
            {
                backend["id"] = id;
                report.Mapped($"{at}.id", "The backend's id.");
            }
            else
            {
                report.Unsupported($"{at}.id", "Another backend has this id.");
            }
        }
        if ((Whole(info["max_output_tokens"]) ?? Whole(info["max_tokens"])) is { } most)
        {
            model["max_output_tokens"] = most;
            string used = Whole(info["max_output_tokens"]) is not null ? "max_output_tokens" : "max_tokens";
            report.Mapped($"{at}.{used}", "max_output_tokens of the model.");
        }
        if (Text(info["description"]) is { Length: <= 2000 } description)
        {
            model["description"] = description;
            report.Mapped($"{at}.description", "The model's description.");
        }
        if (info["mode"] is not null)
        {
            report.Approximated($"{at}.mode", "Not needed: a model serves whatever operation it is asked for and its provider has.");
        }
        if (info["base_model"] is not null)
        {
            report.Approximated($"{at}.base_model", "Not needed: where a deployment's name has no price, the name that the answer gives is priced.");
        }
    }

    private void Price(string at, string provider, string upstream, JsonObject p)
    {
        var price = new JsonObject { ["model"] = upstream, ["provider"] = provider };
        foreach ((string theirs, string ours) in new[]
        {
            ("input_cost_per_token", "input_per_million"), ("output_cost_per_token", "output_per_million"),
            ("cache_read_input_token_cost", "cached_input_per_million"), ("cache_creation_input_token_cost", "cache_write_per_million"),
        })
        {
            if (p[theirs] is not null)
            {
                if (Number(p[theirs]) is { } each && each >= 0 && each < 1000)
                {
                    price[ours] = each * 1_000_000;
                    report.Mapped($"{at}.{theirs}", $"{ours} of a price for \"{upstream}\" at \"{provider}\".");
                }
                else
                {
                    report.Unsupported($"{at}.{theirs}", "It is not a number of dollars.");
                }
            }
        }
        bool known = Prices.OfType<JsonObject>().Any(o => (string?)o["model"] == upstream && (string?)o["provider"] == provider);
        if (price.Count > 2 && !known)
        {
            Prices.Add(price);
        }
    }

    /// <summary>Weights are whole numbers from 1 to 1000 here; what matters of them is their proportion.</summary>
    private void ShareWeights()
    {
        foreach (JsonObject model in _models.Values)
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
