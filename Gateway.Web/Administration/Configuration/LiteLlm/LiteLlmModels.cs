using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Reads <c>model_list</c>: deployments of one name become backends of one model, their accounts become providers.</summary>
internal sealed class LiteLlmModels(LiteLlmReport report, LiteLlmSettings settings)
{
    /// <summary>What clients may send themselves; a deployment that sets it has it as a default.</summary>
    private static readonly string[] Defaults =
    [
        "temperature", "top_p", "max_tokens", "max_completion_tokens", "frequency_penalty", "presence_penalty", "seed", "stop", "n", "user", "response_format",
        "reasoning_effort", "tools", "tool_choice", "parallel_tool_calls", "logprobs", "top_logprobs", "service_tier", "dimensions", "verbosity", "thinking",
    ];

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _models = new(StringComparer.Ordinal);

    public JsonArray Providers { get; } = [];
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
        string? address = Address(p);
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
        string provider = Provider(at, name, p, deployment, path, known, address);
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

    private static string? Address(JsonObject p) =>
        (Text(p["api_base"]) ?? Text(p["base_url"])) is { } text && !IsVariable(text) ? text : null;

    private static bool IsVariable(string text) => text.StartsWith("os.environ/", StringComparison.Ordinal);

    private string Provider(string at, string model, JsonObject p, JsonObject deployment, string path, LiteLlmProvider known, string? address)
    {
        // An address of one's own is not OpenAI's, whatever it is called.
        ProviderKind kind = known.Kind == ProviderKind.OpenAI && address is not null && !address.Contains("api.openai.com", StringComparison.OrdinalIgnoreCase)
            ? ProviderKind.OpenAICompatible
            : known.Kind ?? ProviderKind.OpenAICompatible;
        var own = new JsonObject();
        foreach (string member in new[] { "api_base", "base_url" })
        {
            if (Text(p[member]) is { } given)
            {
                if (IsVariable(given))
                {
                    report.Approximated($"{at}.{member}", $"An address from a variable is not known here; {(address is null && known.BaseUrl is null && known.Profile is null && kind == ProviderKind.OpenAICompatible ? "enter it as the provider's base_url" : "the vendor's own is taken")}.");
                }
                else
                {
                    report.Mapped($"{at}.{member}", "base_url of the provider.");
                }
            }
        }
        if (known.Profile is not null)
        {
            own["profile"] = known.Profile;
        }
        Setting(own, p, at, "api_version", kind == ProviderKind.AzureOpenAI ? "api_version" : null);
        Setting(own, p, at, "organization", kind == ProviderKind.OpenAI ? "organization" : null);
        Setting(own, p, at, "tenant_id", kind == ProviderKind.AzureOpenAI ? "tenant_id" : null);
        Setting(own, p, at, "client_id", kind == ProviderKind.AzureOpenAI ? "client_id" : null);
        Setting(own, p, at, "vertex_project", kind == ProviderKind.Vertex ? "project" : null);
        Setting(own, p, at, "vertex_location", kind == ProviderKind.Vertex ? "location" : null);
        Setting(own, p, at, "aws_region_name", kind == ProviderKind.Bedrock ? "region" : null);
        Setting(own, p, at, "aws_access_key_id", kind == ProviderKind.Bedrock ? "access_key_id" : null);
        Time(own, p, at, "timeout", "timeout_ms", "The provider's timeout for a whole attempt.");
        Time(own, p, at, "stream_timeout", "first_byte_timeout_ms", "The provider's timeout for the first content, of streams and of other answers.", approximated: true);
        settings.Timeouts(own);
        string? variable = Credential(at, p, known, kind);
        JsonObject? credential = variable is null ? null : new JsonObject { ["label"] = "default", ["secret"] = SecretPlaceholders.Text(variable) };
        bool limited = false;
        foreach ((string member, string ours) in new[] { ("rpm", "rpm_limit"), ("tpm", "tpm_limit") })
        {
            foreach ((string place, JsonNode? given) in new[] { ($"{at}.{member}", p[member]), ($"{path}.{member}", deployment[member]) })
            {
                if (Whole(given) is { } limit && credential is not null)
                {
                    credential[ours] = limit;
                    limited = true;
                    report.Mapped(place, $"{ours} of the provider's credential; it also gives the backend its weight.");
                }
                else if (given is not null && credential is null)
                {
                    report.Unsupported(place, "A limit stands with a credential here, and this deployment has none: set one for the provider on the Budgets & limits page.");
                }
            }
        }
        string? url = address ?? known.BaseUrl;
        // A deployment with limits has an account of its own, so that others do not use them up.
        string identity = $"{kind}|{url}|{variable}|{own.ToJsonString()}|{(limited ? model + path : "")}";
        if (_names.TryGetValue(identity, out string? name))
        {
            return name;
        }
        string wanted = limited ? $"{known.Prefix}-{model}" : known.Prefix;
        name = wanted;
        for (int i = 2; _names.ContainsValue(name); i++)
        {
            name = $"{wanted}-{i}";
        }
        _names[identity] = name;
        var provider = new JsonObject { ["name"] = name, ["kind"] = kind.ToName() };
        if (url is not null)
        {
            provider["base_url"] = url;
        }
        if (credential is not null)
        {
            provider["credentials"] = new JsonArray(credential);
        }
        if (own.Count > 0)
        {
            provider["settings"] = own;
        }
        Providers.Add(provider);
        return name;
    }

    /// <summary>The variable of the deployment's secret; null when it has none.</summary>
    private string? Credential(string at, JsonObject p, LiteLlmProvider known, ProviderKind kind)
    {
        foreach (string member in new[] { "api_key", "aws_secret_access_key", "client_secret", "azure_ad_token", "vertex_credentials" })
        {
            if (Text(p[member]) is not { } given)
            {
                continue;
            }
            bool fits = member switch
            {
                "aws_secret_access_key" => kind == ProviderKind.Bedrock,
                "client_secret" => kind == ProviderKind.AzureOpenAI,
                "vertex_credentials" => kind == ProviderKind.Vertex,
                "azure_ad_token" => false,
                _ => true,
            };
            if (!fits)
            {
                report.Unsupported($"{at}.{member}", "A provider of this kind has no such credential here (docs/providers.md).");
                continue;
            }
            string name = SecretPlaceholders.VariableOf(IsVariable(given) ? given["os.environ/".Length..] : $"{known.Prefix}_{Fingerprint(given)}_key");
            if (IsVariable(given))
            {
                report.Mapped($"{at}.{member}", $"Secret of the provider's credential: give {name} when the draft is applied.");
            }
            else
            {
                report.Approximated($"{at}.{member}", $"A secret that stands in the file is not taken over: give it as {name} when the draft is applied.");
            }
            return name;
        }
        // Without one LiteLLM takes the vendor's usual variable.
        string? usual = known.Prefix switch
        {
            "openai" or "text-completion-openai" => "OPENAI_API_KEY",
            "anthropic" => "ANTHROPIC_API_KEY",
            "azure" => "AZURE_API_KEY",
            "gemini" => "GEMINI_API_KEY",
            "cohere" or "cohere_chat" => "COHERE_API_KEY",
            "ollama" or "ollama_chat" or "vllm" or "hosted_vllm" or "lm_studio" => null,
            "vertex_ai" or "vertex_ai_beta" => null,
            "bedrock" => "AWS_SECRET_ACCESS_KEY",
            _ => $"{SecretPlaceholders.VariableOf(known.Prefix)}_API_KEY",
        };
        return usual;
    }

    // Tells two written secrets apart without telling anything of them.
    private static string Fingerprint(string secret) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes("litellm import " + secret)))[..4];

    private void Setting(JsonObject own, JsonObject p, string at, string member, string? ours)
    {
        if (Text(p[member]) is not { } given)
        {
            return;
        }
        if (ours is null)
        {
            report.Unsupported($"{at}.{member}", "A provider of this kind has no such setting here (docs/providers.md).");
        }
        else if (IsVariable(given))
        {
            report.Approximated($"{at}.{member}", $"A value from a variable is not known here: enter it as the provider's setting {ours}.");
        }
        else
        {
            own[ours] = given;
            report.Mapped($"{at}.{member}", $"The provider's setting {ours}.");
        }
    }

    private void Time(JsonObject own, JsonObject p, string at, string member, string ours, string note, bool approximated = false)
    {
        if (p[member] is null)
        {
            return;
        }
        if (Number(p[member]) is { } seconds && seconds > 0 && seconds <= 86_400)
        {
            own[ours] = LiteLlmSettings.Milliseconds(seconds);
            if (approximated)
            {
                report.Approximated($"{at}.{member}", note);
            }
            else
            {
                report.Mapped($"{at}.{member}", note);
            }
        }
        else
        {
            report.Unsupported($"{at}.{member}", "It is not a number of seconds up to a day.");
        }
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
