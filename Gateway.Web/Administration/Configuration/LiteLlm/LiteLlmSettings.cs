using System.Globalization;
using System.Text.Json.Nodes;
using static Gateway.Web.Administration.Configuration.LiteLlm.LiteLlmYaml;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>Reads what holds for all models: <c>router_settings</c>, <c>litellm_settings</c> and <c>general_settings</c>.</summary>
internal sealed class LiteLlmSettings
{
    private readonly JsonObject _router;
    private readonly JsonObject _litellm;
    private readonly JsonObject _general;
    private readonly LiteLlmReport _report;

    public LiteLlmSettings(JsonObject root, LiteLlmReport report)
    {
        _report = report;
        _router = root["router_settings"] as JsonObject ?? [];
        _litellm = root["litellm_settings"] as JsonObject ?? [];
        _general = root["general_settings"] as JsonObject ?? [];
        Policy = Text(_router["routing_strategy"]) switch
        {
            "least-busy" => "least-busy",
            "latency-based-routing" => "lowest-latency",
            "cost-based-routing" => "cheapest",
            "usage-based-routing" or "usage-based-routing-v2" => "least-busy",
            _ => null,
        };
        Retries = (Number(_router["num_retries"]) ?? Number(_litellm["num_retries"])) is { } retries && retries >= 0 ? (int)Math.Min(retries, 10) : null;
        BackoffMs = Number(_router["retry_after"]) is { } after && after >= 0 ? (long)(Math.Min(after, 60) * 1000) : null;
    }

    /// <summary>The routing policy of all models; null is the default.</summary>
    public string? Policy { get; }

    /// <summary>Of route steps; null takes the gateway's setting.</summary>
    public int? Retries { get; }
    public long? BackoffMs { get; }
    public JsonArray Limits { get; } = [];

    /// <summary>Whole milliseconds, at least one.</summary>
    public static string Milliseconds(decimal seconds) => Math.Max(1, (long)(seconds * 1000)).ToString(CultureInfo.InvariantCulture);

    /// <summary>The timeouts of all, where a deployment sets none.</summary>
    public void Timeouts(JsonObject settings)
    {
        if (!settings.ContainsKey("timeout_ms") && (Seconds(_router["timeout"]) ?? Seconds(_litellm["request_timeout"])) is { } total)
        {
            settings["timeout_ms"] = Milliseconds(total);
        }
        // LiteLLM waits for the first content as long as for the whole, unless it is told otherwise.
        if (!settings.ContainsKey("first_byte_timeout_ms") && ((Seconds(_router["stream_timeout"]) is { } first ? Milliseconds(first) : null) ?? (string?)settings["timeout_ms"]) is { } wait)
        {
            settings["first_byte_timeout_ms"] = wait;
        }
    }

    public void Read()
    {
        ReadRouter();
        ReadLiteLlm();
        ReadGeneral();
    }

    private static decimal? Seconds(JsonNode? node) => Number(node) is { } seconds && seconds > 0 && seconds <= 86_400 ? seconds : null;

    private void ReadRouter()
    {
        const string At = "router_settings";
        switch (Text(_router["routing_strategy"]))
        {
            case null:
                break;
            case "simple-shuffle":
                _report.Mapped($"{At}.routing_strategy", "weighted, the default policy of models.");
                break;
            case "usage-based-routing" or "usage-based-routing-v2":
                _report.Approximated($"{At}.routing_strategy", "least-busy: the backend with the fewest calls in flight, instead of the fewest tokens a minute. Limits of credentials are kept either way.");
                break;
            case var _ when Policy is not null:
                _report.Mapped($"{At}.routing_strategy", $"routing_policy {Policy} of the models.");
                break;
            default:
                _report.Unsupported($"{At}.routing_strategy", "There is no such policy here; the models have the default, weighted.");
                break;
        }
        Retry($"{At}.num_retries", _router["num_retries"]);
        Time($"{At}.timeout", _router["timeout"], "timeout_ms");
        Time($"{At}.stream_timeout", _router["stream_timeout"], "first_byte_timeout_ms");
        Say(_router, At, "retry_after", "backoff_ms of the steps of the routes that fallbacks became; Gateway:Upstreams:RetryBackoff is for all others.");
        Say(_router, At, "allowed_fails", "A circuit opens after failures here, too: set Gateway:Upstreams:Breaker:ConsecutiveFailures.");
        Say(_router, At, "cooldown_time", "How long a circuit stays open: set Gateway:Upstreams:Breaker:OpenFor.");
        Say(_router, At, "disable_cooldowns", "Set Gateway:Upstreams:Breaker:ConsecutiveFailures and :FailureRate to 0.");
        Say(_router, At, "enable_pre_call_checks", "What may not be called is never chosen here; a prompt's length is left to the upstream.");
        Say(_router, At, "max_fallbacks", "A route tries each of its steps once.");
    }

    private void ReadLiteLlm()
    {
        const string At = "litellm_settings";
        Retry($"{At}.num_retries", _litellm["num_retries"]);
        Time($"{At}.request_timeout", _litellm["request_timeout"], "timeout_ms");
        Say(_litellm, At, "drop_params", "What a wire cannot carry is left out and told in the header x-gateway-lossy; on_loss of a model says otherwise.");
        Say(_litellm, At, "set_verbose", "Set Gateway:Telemetry:LogLevel (LOG_LEVEL) to debug. Prompts are never logged.");
        Say(_litellm, At, "json_logs", "Log lines are JSON by default (Gateway:Telemetry:LogFormat).");
        Say(_litellm, At, "allowed_fails", "A circuit opens after failures here, too: set Gateway:Upstreams:Breaker:ConsecutiveFailures.");
        if (_litellm["telemetry"] is not null)
        {
            _report.Mapped($"{At}.telemetry", "Nothing is ever sent to anybody.");
        }
        if (_litellm["turn_off_message_logging"] is not null)
        {
            _report.Mapped($"{At}.turn_off_message_logging", "Content of calls is not logged.");
        }
    }

    private void ReadGeneral()
    {
        const string At = "general_settings";
        Say(_general, At, "master_key", "No secret is taken over: set ADMIN_API_KEY for the admin API, and issue keys for clients on the Keys page.");
        Say(_general, At, "infer_model_from_keys", "Models are what the catalog says.");
        Say(_general, At, "background_health_checks", "A provider's setting health_check does that (docs/health.md).");
        Say(_general, At, "health_check_interval", "Set Gateway:HealthCheck:Interval, and the provider's setting health_check.");
        Say(_general, At, "max_request_size_mb", "Set Gateway:Limits:MaxRequestBodyBytes.");
        Say(_general, At, "max_parallel_requests", "It holds for each key: set max_parallel of the keys.");
        if (Whole(_general["global_max_parallel_requests"]) is { } most)
        {
            Limits.Add(new JsonObject { ["scope"] = "gateway", ["max_parallel"] = most });
            _report.Mapped($"{At}.global_max_parallel_requests", "max_parallel of the whole gateway's limits.");
        }
    }

    private void Retry(string path, JsonNode? node)
    {
        if (node is not null)
        {
            _report.Approximated(path, "retries of the steps of the routes that fallbacks became, at most 10; for all others set Gateway:Upstreams:MaxRetries. They are rounds over a step's backends.");
        }
    }

    private void Time(string path, JsonNode? node, string ours)
    {
        if (node is null)
        {
            return;
        }
        if (Seconds(node) is not null)
        {
            _report.Mapped(path, $"{ours} of the providers whose deployments set none{(ours == "timeout_ms" ? "; first_byte_timeout_ms, too, where there is no stream_timeout" : "")}.");
        }
        else
        {
            _report.Unsupported(path, "It is not a number of seconds up to a day.");
        }
    }

    private void Say(JsonObject section, string at, string member, string note)
    {
        if (section[member] is not null)
        {
            _report.Approximated($"{at}.{member}", note);
        }
    }
}
