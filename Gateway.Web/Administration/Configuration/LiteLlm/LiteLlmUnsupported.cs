using System.IO.Enumeration;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Why settings of a LiteLLM file are not taken over, and what to do instead.</summary>
internal static class LiteLlmUnsupported
{
    // Names of a setting or of what it stands in, with * for anything; the first that fits counts.
    private static readonly (string Name, string Reason)[] Reasons =
    [
        ("environment_variables", "A draft holds no environment: set the variable for the gateway's process."),
        ("include", "Other files are not read: import each of them."),
        ("guardrails", "LiteLLM's guardrails are not called here; docs/guardrails.md has those that there are: banned words, and the length of answers."),
        ("prompts", "There are no managed prompts here."),
        ("mcp_*", "There are no MCP servers here."),
        ("search_tools", "There are no search tools here."),
        ("vector_store*", "There are no vector stores here."),
        ("credential_list", "No deployment of the file names this credential: enter it at its provider on the Providers page."),
        ("*callback*", "There are no callbacks here: metrics are at /metrics, traces go over OTLP (docs/telemetry.md), calls are in the console and the usage API."),
        ("*langfuse*", "Nothing is sent to Langfuse by name; traces, without content, go over OTLP (docs/telemetry.md)."),
        ("*prometheus*", "Metrics are at /metrics, with names of their own (docs/telemetry.md)."),
        ("cache_control_injection_points", "Marks for a vendor's prompt cache are the client's to send."),
        ("pricing", "LiteLLM does not read it either: set a price if it is to hold (docs/prices.md)."),
        ("*cost_per*", "Prices are for tokens here (docs/prices.md)."),
        ("cost_*", "Prices are what they are here: set those that you are billed (docs/prices.md)."),
        ("cach*", "Answers are not cached here."),
        ("redis_*", "Set Redis:Url (REDIS_URL) for the gateway's process."),
        ("database_*", "Set the database for the gateway's process (DATABASE_URL); it has a schema of its own."),
        ("store_model_in_db", "Models that this console makes are always in the database. Those that were added in LiteLLM's console are in its own and not in the file: add them here."),
        ("pass_through_endpoints", "Paths cannot be mapped to addresses; requests that the gateway does not model are passed to the provider of X-Provider-Priority."),
        ("custom_auth*", "Keys cannot be checked by code of yours; issue keys on the Keys page."),
        ("*jwt*", "Clients authenticate with keys, not with JWTs; people sign in with OIDC (docs/sign-in.md)."),
        ("ui_*", "The console has a sign-in of its own (docs/sign-in.md)."),
        ("alert*", "Alerts are not part of a draft: see docs/alerts.md."),
        ("proxy_b*", "It tunes LiteLLM's own batch writing, which does not exist here."),
        ("context_window_fallbacks", "A request that is too long fails alike everywhere and is not tried elsewhere here."),
        ("content_policy_fallbacks", "A refused prompt is not tried elsewhere here."),
        ("default_team_settings", "Teams have no callbacks here; make teams on the Teams page."),
        ("finetune_settings", "Fine-tuning calls go to the provider of X-Provider-Priority, else to the key's default provider."),
        ("files_settings", "File calls go to the provider of X-Provider-Priority, else to the key's default provider."),
        ("access_groups", "Models are in no groups here: list them, or a pattern such as gpt-*, in allowed_models of keys or teams."),
        ("tags", "Backends have no tags: use routes, or keys with allowed models."),
        ("mock_*", "Nothing is mocked; use a provider of the kind simulated."),
        ("num_ctx", "The length of the context is the server's to set, for Ollama with OLLAMA_CONTEXT_LENGTH."),
        ("allowed_openai_params", "Nothing is held back here: an OpenAI-compatible server gets what the client sends."),
        ("rpm*", "Only a deployment's own limits are taken over; set those of keys and teams on their pages."),
        ("tpm*", "Only a deployment's own limits are taken over; set those of keys and teams on their pages."),
        ("*budget*", "Budgets of keys, teams and models are set on the Budgets & limits page."),
        ("*retry_policy", "Retries are not set by the kind of error: retry_on of a route says which failures move on, retries of its steps how often."),
        ("allowed_fails_policy", "A circuit counts failures of all kinds alike: see Gateway:Upstreams:Breaker."),
        ("optional_pre_call_checks", "Limits of credentials are always kept; the policy prefix-affinity keeps a conversation at one backend."),
        ("routing_groups", "Set routing_policy of the models."),
        ("routing_strategy_args", "Policies have no parameters here."),
        ("*headers*", "Headers of one's own are not sent upstream."),
        ("region_name", "Backends are not chosen by region."),
        ("aws_*", "The account is a pair of keys or a Bedrock API key here: roles and profiles of AWS are not taken on."),
        ("model_info", "The console does not keep it; it changes nothing for requests."),
        ("router_settings", "The router here has no such setting (docs/routing.md)."),
        ("general_settings", "The gateway has no such setting (docs/configuration.md)."),
        ("litellm_settings", "The gateway has no such setting (docs/configuration.md)."),
    ];

    public static string Reason(string path)
    {
        string[] parts = path.Split('.', '[', ']');
        return Reasons.FirstOrDefault(r => parts.Any(p => FileSystemName.MatchesSimpleExpression(r.Name, p))).Reason ?? "There is nothing like it here.";
    }
}
