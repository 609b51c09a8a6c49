namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Why settings of a LiteLLM file are not taken over, and what to do instead.</summary>
internal static class LiteLlmUnsupported
{
    private static readonly (string Part, string Reason)[] Reasons =
    [
        ("environment_variables.", "A draft holds no environment: set the variable for the gateway's process."),
        ("include", "Other files are not read: import each of them."),
        ("guardrails", "There are no guardrails here."),
        ("prompts", "There are no managed prompts here."),
        ("mcp_", "There are no MCP servers here."),
        ("search_tools", "There are no search tools here."),
        ("vector_store", "There are no vector stores here."),
        ("credential_list", "Credentials stand with their provider here: enter them on the Providers page."),
        ("callback", "There are no callbacks here: calls are in the console, in the log and in the usage API."),
        ("langfuse", "Nothing is sent to Langfuse: calls are in the console, in the log and in the usage API."),
        ("cache", "Answers are not cached here."),
        ("redis_", "Set Redis:Url (REDIS_URL) for the gateway's process."),
        ("database_", "Set the database for the gateway's process (DATABASE_URL); it has a schema of its own."),
        ("store_model_in_db", "Models that the console makes are always in the database."),
        ("pass_through_endpoints", "Paths cannot be mapped to addresses; requests that the gateway does not model are passed to the provider of X-Provider-Priority."),
        ("custom_auth", "Keys cannot be checked by code of yours; issue keys on the Keys page."),
        ("jwt", "Clients authenticate with keys, not with JWTs; people sign in with OIDC (docs/security.md)."),
        ("alerting", "Alerts are not part of a draft."),
        ("proxy_b", "It tunes LiteLLM's own batch writing, which does not exist here."),
        ("context_window_fallbacks", "A request that is too long fails alike everywhere and is not tried elsewhere here."),
        ("content_policy_fallbacks", "A refused prompt is not tried elsewhere here."),
        ("default_team_settings", "Teams have no callbacks here; make teams on the Teams page."),
        ("finetune_settings", "Fine-tuning calls go to the provider of X-Provider-Priority, else to the key's default provider."),
        ("files_settings", "File calls go to the provider of X-Provider-Priority, else to the key's default provider."),
        (".tags", "Backends have no tags: use routes, or keys with allowed models."),
        ("mock_", "Nothing is mocked; use a provider of the kind simulated."),
        (".rpm", "Only a deployment's own limits are taken over."),
        (".tpm", "Only a deployment's own limits are taken over."),
        ("headers", "Headers of one's own are not sent upstream."),
        ("region_name", "Backends are not chosen by region."),
        ("model_info", "The console does not keep it; it changes nothing for requests."),
        ("router_settings", "The router here has no such setting (docs/routing.md)."),
        ("general_settings", "The gateway has no such setting (docs/configuration.md)."),
        ("litellm_settings", "The gateway has no such setting (docs/configuration.md)."),
    ];

    public static string Reason(string path) =>
        Reasons.FirstOrDefault(r => path.Contains(r.Part, StringComparison.OrdinalIgnoreCase)).Reason ?? "There is nothing like it here.";
}
