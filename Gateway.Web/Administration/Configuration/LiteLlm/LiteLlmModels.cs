using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Reads <c>model_list</c>: deployments of one name become backends of one model, their accounts providers (<see cref="LiteLlmAccounts"/>).</summary>
internal sealed class LiteLlmModels(LiteLlmReport report, LiteLlmSettings settings, LiteLlmAccounts accounts, LiteLlmDeployments deployments, LiteLlmTargets targets)
{
    private readonly Dictionary<string, JsonObject> _models = new(StringComparer.Ordinal);
    private readonly HashSet<string> _backends = new(StringComparer.Ordinal);
    private readonly LiteLlmPrices _prices = new(report);

    public JsonArray Models { get; } = [];
    public JsonArray Prices => _prices.Prices;

    public bool Has(string model) => _models.ContainsKey(model);

    /// <summary>Whether a backend has this id, which <c>model_info</c> gave it.</summary>
    public bool HasBackend(string id) => _backends.Contains(id);

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
        LiteLlmWeights.Share(_models.Values);
    }

    private void Read(string path, JsonObject deployment)
    {
        string at = $"{path}.litellm_params";
        JsonObject p = deployments.Parameters(at, deployment);
        if (Text(deployment["model_name"]) is not { } name || Text(p["model"]) is not { } sent)
        {
            report.Unsupported(path, "A deployment needs model_name and litellm_params.model.");
            return;
        }
        LiteLlmTarget target = targets.Of(sent, Text(p["custom_llm_provider"]));
        if (Refusal(sent, target, p) is { } refusal)
        {
            report.Unsupported(path, $"{refusal} The deployment is left out.");
            return;
        }
        LiteLlmAccount account = accounts.Account(at, name, p, deployment, path, target);
        if (name.Contains('*') || target.UpstreamModel.Contains('*') || target.UpstreamModel.Length == 0)
        {
            ReadWithoutModel(path, name, target, account);
        }
        else
        {
            ReadModel(path, name, p, deployment, target, account);
        }
    }

    /// <summary>Why a deployment cannot be taken over at all; null when it can.</summary>
    private static string? Refusal(string sent, LiteLlmTarget target, JsonObject p)
    {
        if (target.Refusal is not null)
        {
            return target.Refusal;
        }
        if (sent == "*")
        {
            return "It passes any name on to the vendor that the name begins with; nothing here does that: name the models that are used.";
        }
        if (LiteLlmEnvironment.NameOf(sent) is { } variable)
        {
            return $"Its model is in the variable {variable}, which is not known here: write it into the file.";
        }
        if (target.Provider.Kind is not null || Text(p["api_base"]) is not null || Text(p["base_url"]) is not null)
        {
            return null;
        }
        return sent.Contains('/')
            ? $"There is no provider of the kind \"{target.Provider.Prefix}\" here, and no api_base that an OpenAI-compatible one could have."
            : $"\"{sent}\" does not say whose model it is, as openai/{sent} would.";
    }

    private void ReadWithoutModel(string path, string name, LiteLlmTarget target, LiteLlmAccount account)
    {
        string became = $"Its account became the provider \"{account.Provider}\"";
        Action<string, string> tell = report.Unsupported;
        string note = $"A model has no pattern for a name here, and LiteLLM sends another name than the client's. {became}: add the models that are used.";
        if (target.UpstreamModel.Length == 0)
        {
            note = $"The deployment names no model. {became}; add a model for it.";
        }
        else if (name == target.UpstreamModel)
        {
            tell = report.Approximated;
            note = $"A model has no pattern for a name here. {became}: name the models, or set Gateway:DefaultProvider to it for every name that nothing else has.";
        }
        note = account.Aside is null ? note : $"{note} {account.Aside}";
        tell($"{path}.model_name", note);
        tell($"{path}.litellm_params.model", note);
        report.Unsupported(path, $"It belongs to a model, and there is none. {became}.");
    }

    private void ReadModel(string path, string name, JsonObject p, JsonObject deployment, LiteLlmTarget target, LiteLlmAccount account)
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
        string upstream = target.UpstreamModel;
        if (target.Provider.Kind == ProviderKind.Bedrock && Text(p["model_id"]) is { } arn)
        {
            upstream = arn;
            report.Mapped($"{at}.model_id", "The upstream model of the backend.");
        }
        var backend = new JsonObject { ["provider"] = account.Provider, ["upstream_model"] = upstream };
        Tell(path, name, target, account, upstream);
        ReadBackend(at, p, deployment, backend);
        bool first = ((JsonArray)model["backends"]!).Count == 0;
        ((JsonArray)model["backends"]!).Add(backend);
        deployments.Defaults(at, p, target, model, first);
        var info = deployment["model_info"] as JsonObject;
        _prices.Read(account.Provider, upstream, (at, p), ($"{path}.model_info", info));
        if (info is not null)
        {
            ReadInfo($"{path}.model_info", info, model, backend);
        }
    }

    private void Tell(string path, string name, LiteLlmTarget target, LiteLlmAccount account, string upstream)
    {
        string at = $"{path}.litellm_params";
        report.Mapped($"{path}.model_name", $"The model \"{name}\".");
        string note = target.Provider.Kind is null
            ? $"\"{target.Provider.Prefix}\" is not known here; because of its api_base it is called as an OpenAI-compatible server, with the model \"{upstream}\"."
            : $"A backend of it at the provider \"{account.Provider}\", with the upstream model \"{upstream}\".";
        string? aside = account.Aside;
        if (LiteLlmEnvironment.IsOpen(upstream))
        {
            aside = $"{aside} A name from a variable is not known here: write it where the draft has {upstream}.".TrimStart();
        }
        if (target.Provider.Kind is null || aside is not null)
        {
            report.Approximated($"{at}.model", aside is null ? note : $"{note} {aside}");
            report.Approximated($"{at}.custom_llm_provider", note);
        }
        else
        {
            report.Mapped($"{at}.model", note);
            report.Mapped($"{at}.custom_llm_provider", "The kind of the provider.");
        }
    }

    private void ReadBackend(string at, JsonObject p, JsonObject deployment, JsonObject backend)
    {
        decimal? weight = Number(p["weight"]) ?? Number(p["rpm"]) ?? Number(deployment["rpm"]) ?? Number(p["tpm"]) ?? Number(deployment["tpm"]);
        switch (Number(p["weight"]))
        {
            case <= 0:
                backend["active"] = false;
                report.Approximated($"{at}.weight", "A weight is at least 1 here: the backend is inactive.");
                break;
            case not null:
                report.Mapped($"{at}.weight", "The backend's weight.");
                break;
        }
        backend["weight"] = weight is > 0 ? (JsonNode)weight.Value : null;
        if (Whole(p["max_parallel_requests"]) is { } parallel)
        {
            backend["max_concurrency"] = parallel;
            report.Mapped($"{at}.max_parallel_requests", "max_concurrency of the backend.");
        }
        if (Number(p["order"]) is { } order && order >= 0 && order <= int.MaxValue)
        {
            backend["priority"] = Math.Max((int)order - 1, 0);
            report.Mapped($"{at}.order", "The backend's priority, which counts from 0.");
        }
        report.Approximated($"{at}.drop_params", "What a wire cannot carry is left out and told in the header x-gateway-lossy; on_loss of the model says otherwise.");
        foreach (string member in new[] { "num_retries", "max_retries" })
        {
            report.Approximated($"{at}.{member}", "Retries are a route step's here: give the model a route, or set Gateway:Upstreams:MaxRetries.");
        }
    }

    private void ReadInfo(string at, JsonObject info, JsonObject model, JsonObject backend)
    {
        if (Text(info["id"]) is { Length: <= 64 } id)
        {
            if (_backends.Add(id))
            {
                backend["id"] = id;
                report.Mapped($"{at}.id", "The backend's id.");
            }
            else
            {
                report.Unsupported($"{at}.id", "Another backend has this id.");
            }
        }
        // It tells LiteLLM's clients what a model can do. Here it would be sent with every request that says nothing.
        foreach (string member in new[] { "max_output_tokens", "max_tokens" })
        {
            report.Unsupported($"{at}.{member}", "LiteLLM only tells it, here it would limit every answer: set max_output_tokens of the model if that is meant (docs/guardrails.md).");
        }
        if (Text(info["description"]) is { Length: <= 2000 } description)
        {
            model["description"] = description;
            report.Mapped($"{at}.description", "The model's description.");
        }
        report.Approximated($"{at}.mode", "Not needed: a model serves whatever operation it is asked for and its provider has.");
        report.Approximated($"{at}.base_model", "Not needed: where a deployment's name has no price, the name that the answer gives is priced.");
    }
}
