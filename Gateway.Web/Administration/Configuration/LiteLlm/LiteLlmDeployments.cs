using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>What a deployment's parameters come to, with what the file says of them elsewhere, and which of them are clients' defaults.</summary>
internal sealed class LiteLlmDeployments(JsonObject root, LiteLlmReport report, LiteLlmEnvironment environment)
{
    /// <summary>What clients may send themselves; a deployment that sets it has it as a default.</summary>
    private static readonly string[] Fields =
    [
        "temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens", "frequency_penalty", "presence_penalty", "seed", "stop", "n", "user", "response_format",
        "reasoning_effort", "tools", "tool_choice", "parallel_tool_calls", "logprobs", "top_logprobs", "logit_bias", "service_tier", "dimensions", "verbosity", "thinking",
    ];

    // The client's alone, so that a model cannot have them as defaults.
    private static readonly string[] Clients = ["model", "messages", "stream", "prompt", "input"];

    /// <summary>The parameters with those of their credential, and with the values of variables that are known.</summary>
    public JsonObject Parameters(string at, JsonObject deployment)
    {
        var p = (JsonObject)(deployment["litellm_params"] as JsonObject ?? []).DeepClone();
        if (Text(p["litellm_credential_name"]) is { } name)
        {
            AddCredential($"{at}.litellm_credential_name", name, p);
        }
        foreach ((string member, JsonNode? value) in p.ToArray())
        {
            // A secret stays a variable, which is asked for.
            if (!LiteLlmCredential.IsSecret(member) && value is JsonValue && Text(value) is { } text && environment.Open(text) is { } known && known != text && !LiteLlmEnvironment.IsOpen(known))
            {
                p[member] = known;
            }
        }
        return p;
    }

    private void AddCredential(string at, string name, JsonObject p)
    {
        JsonArray list = root["credential_list"] as JsonArray ?? [];
        for (int i = 0; i < list.Count; i++)
        {
            if (list[i] is JsonObject credential && Text(credential["credential_name"]) == name)
            {
                foreach ((string member, JsonNode? value) in (credential["credential_values"] as JsonObject ?? []).Where(v => p[v.Key] is null).ToArray())
                {
                    p[member] = value?.DeepClone();
                }
                report.Mapped(at, "The account of the provider.");
                report.Mapped($"credential_list[{i}].credential_name", "The account of the deployments that name it.");
                report.Approximated($"credential_list[{i}].credential_values", "As if it stood at the deployments that name it: secrets are asked for, values of other variables are to be written into the draft.");
                report.Unsupported($"credential_list[{i}].credential_info", "The console does not keep it; it changes nothing for requests.");
                return;
            }
        }
        report.Unsupported(at, "The file has no such credential; LiteLLM keeps others in its database. Enter its address and its secret at the provider.");
    }

    /// <summary>Gives the model the deployment's values for what clients leave out.</summary>
    /// <param name="first">Of the model's deployments.</param>
    public void Defaults(string at, JsonObject p, LiteLlmTarget target, JsonObject model, bool first)
    {
        foreach (string member in Fields.Where(f => p[f] is not null))
        {
            Default($"{at}.{member}", member, p[member]!, model, first);
        }
        if (p["extra_body"] is not JsonObject body)
        {
            return;
        }
        bool spoken = target.Provider.Kind is null or ProviderKind.OpenAI or ProviderKind.OpenAICompatible or ProviderKind.AzureOpenAI;
        foreach ((string member, JsonNode? value) in body)
        {
            string place = $"{at}.extra_body.{member}";
            if (spoken && value is not null && !Clients.Contains(member) && !LiteLlmCredential.IsSecret(member))
            {
                Default(place, member, value, model, first);
            }
            else
            {
                report.Unsupported(place, "A field of this vendor's own is not put into requests here.");
            }
        }
    }

    private void Default(string place, string member, JsonNode value, JsonObject model, bool first)
    {
        if (first)
        {
            ((JsonObject)(model["default_params"] ??= new JsonObject()))[member] = value.DeepClone();
            report.Mapped(place, $"default_params.{member} of the model: what clients that send none get.");
        }
        else if (JsonNode.DeepEquals((model["default_params"] as JsonObject)?[member], value))
        {
            report.Mapped(place, $"default_params.{member} of the model.");
        }
        else
        {
            report.Approximated(place, "Defaults are the model's here, not a backend's: those of its first deployment hold.");
        }
    }
}
