namespace Gateway.Tests.Administration.Configuration.LiteLlm;

/// <summary>Configurations of our own in the shapes that those of LiteLLM proxies have.</summary>
internal static class LiteLlmFixtures
{
    public static readonly Dictionary<string, string> All = new()
    {
        // One deployment, nothing else.
        ["simple"] = """
            model_list:
              - model_name: small
                litellm_params:
                  model: gpt-4o-mini
            """,

        // Several deployments of one name with limits beside their parameters; variables with secrets in the file.
        ["balanced"] = """
            litellm_settings:
              drop_params: True
            model_list: # one name, several deployments
              - model_name: general
                litellm_params:
                  model: gpt-4o
                  api_key: sk-written-one
                tpm: 20_000
                rpm: 30
              - model_name: general
                litellm_params:
                  model: gpt-4o
                  api_key: sk-written-two
                tpm: 40_000
                rpm: 60
              - model_name: general
                litellm_params: {model: openrouter/openai/gpt-4o}
              - model_name: strange
                litellm_params: {model: somevendor/strange-7b}
            environment_variables:
              REDIS_HOST: localhost
              REDIS_PASSWORD: "secret-of-redis"
              REDIS_PORT: 6379
            """,

        // Azure, wildcards, per-deployment timeouts, everything in the other sections.
        ["production"] = """
            model_list:
              - model_name: chat
                litellm_params: &azure
                  model: azure/chat-eu
                  api_base: https://example-eu.openai.azure.com/
                  api_version: "2024-10-21"
                  api_key: os.environ/AZURE_EU_KEY
                  rpm: 480
                  timeout: 300
                  stream_timeout: 60
                  region_name: eu
                model_info: {id: chat-eu, mode: chat, base_model: gpt-4o}
              - model_name: chat
                litellm_params:
                  <<: *azure
                  api_base: https://example-us.openai.azure.com/
                  api_key: os.environ/AZURE_US_KEY
                  rpm: 960
              - model_name: chat-large
                litellm_params: {model: gpt-4.1, api_key: os.environ/OPENAI_API_KEY, temperature: 0.2, max_tokens: 2048, max_parallel_requests: 8}
                model_info: {max_output_tokens: 8192, description: The large one, supports_vision: true}
              - model_name: embed
                litellm_params: {model: azure/embed, api_base: os.environ/AZURE_BASE, api_key: os.environ/AZURE_EU_KEY}
              - model_name: hosted
                litellm_params: {model: sagemaker/hosted-1, input_cost_per_second: 0.00042}
              - model_name: "*"
                litellm_params: {model: openai/*, api_key: os.environ/OPENAI_API_KEY}
              - model_name: "anthropic/*"
                litellm_params: {model: "anthropic/*", api_key: os.environ/ANTHROPIC_API_KEY}
            litellm_settings:
              drop_params: true
              num_retries: 5
              request_timeout: 600
              telemetry: False
              max_budget: 100
              budget_duration: 30d
              fallbacks: [{"chat": ["chat-large", "missing"]}]
              context_window_fallbacks: [{"chat": ["chat-large"]}]
              success_callback: ["langfuse"]
              default_team_settings:
                - team_id: team-1
                  langfuse_secret: os.environ/LANGFUSE_SECRET
            files_settings:
              - custom_llm_provider: azure
                api_key: os.environ/AZURE_EU_KEY
            router_settings:
              routing_strategy: usage-based-routing-v2
              redis_host: os.environ/REDIS_HOST
              redis_password: os.environ/REDIS_PASSWORD
              enable_pre_call_checks: true
              allowed_fails: 3
              cooldown_time: 30
              model_group_alias: {"talk": "chat", "nothing": "gone", "hush": {model: chat-large, hidden: true}}
            general_settings:
              master_key: sk-the-master-key
              database_url: "postgresql://user:password@host/db"
              global_max_parallel_requests: 50
              store_model_in_db: True
              pass_through_endpoints:
                - path: "/v1/other"
                  target: "https://api.example.com/v1/other"
                  headers: {content-type: application/json}
                  forward_headers: True
            """,

        // Local servers, prices, weights, orders.
        ["local"] = """
            model_list:
              - model_name: llama
                litellm_params: {model: ollama/llama3.1, temperature: 0.1, max_tokens: 20, order: 1}
              - model_name: llama
                litellm_params: {model: hosted_vllm/llama3.1, api_base: "http://localhost:8000/v1", weight: 0.7, order: 2, input_cost_per_token: 0.0000005, output_cost_per_token: 1.5e-6}
              - model_name: llama
                litellm_params: {model: unknown/llama3.1, api_base: "http://localhost:9000/v1", weight: 0.3, order: 2, tags: [free], extra_headers: {X-A: b}}
            router_settings: {routing_strategy: latency-based-routing, num_retries: 2, retry_after: 3, timeout: 30, default_fallbacks: [llama]}
            """,

        // Cloud vendors, guardrails, includes, unusual shapes.
        ["clouds"] = """
            include: [other.yaml]
            model_list:
              - model_name: claude
                litellm_params: {model: bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0, aws_region_name: us-west-2, aws_access_key_id: AKIAIOSFODNN7EXAMPLE, aws_secret_access_key: os.environ/AWS_SECRET}
              - model_name: gemini
                litellm_params: {model: vertex_ai/gemini-2.5-flash, vertex_project: project-1, vertex_location: us-central1}
              - model_name: claude
                litellm_params: {model: anthropic/claude-haiku-4-5, api_key: os.environ/ANTHROPIC_API_KEY}
              - model_name: rerank
                litellm_params: {model: cohere/rerank-v3.5, api_key: os.environ/COHERE_API_KEY}
              - model_name: fast
                litellm_params: {model: groq/llama-3.3-70b, api_key: os.environ/GROQ_API_KEY, mock_timeout: true}
              - litellm_params: {model: no/name}
            litellm_settings: {cache: true, cache_params: {type: redis}, callbacks: ["otel"], fallbacks: [{"claude": [{"model": "gemini", "messages": []}]}, {"*": ["fast"]}]}
            guardrails:
              - guardrail_name: before
                litellm_params: {guardrail: aporia, mode: pre_call, api_key: os.environ/APORIA}
            empty: {}
            nothing:
            """,
    };
}
