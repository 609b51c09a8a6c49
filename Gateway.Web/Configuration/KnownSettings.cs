using static Gateway.Web.Configuration.SettingKind;

namespace Gateway.Web.Configuration;

/// <summary>Every setting that the gateway reads. docs/configuration.md holds the same table; a test compares them.</summary>
internal static class KnownSettings
{
    private static readonly string[] Sections = ["Gateway", "Database", "Redis"];

    private const string Later = "Accepted; has no effect yet. ";

    public static IReadOnlyList<Setting> All { get; } =
    [
        // The process
        new("Gateway:ConfigFile", Text, null, "YAML file; also the argument of `serve`."),
        new("Gateway:Role", Choice, "all", "`gateway` serves only the API, `console` only the console and the admin API.") { Choices = ["all", "gateway", "console"] },
        new("Gateway:Port", Integer, "8080", "Port to listen on.") { Variables = ["PORT", "OMNI_PORT"], FileAlias = "server.port", Max = 65535 },
        new("Gateway:Host", Text, "*", "Address to listen on; `*` is all of them. In Development `localhost` by default.") { InDevelopment = "localhost", Variables = ["HOST"], FileAlias = "server.host" },
        new("Gateway:DataDirectory", Text, "data", "Holds the SQLite file, the journal and the key file; relative to the directory of appsettings.json."),
        new("Gateway:NodeName", Text, null, "Names this process in the database; the host's name by default. Must be unique and stable.") { OnThisMachine = Environment.MachineName },
        new("Gateway:Shutdown:Delay", Duration, "3s", "How long requests are still taken after a stop was asked for, while /readyz answers 503: time for a load balancer to look elsewhere. In Development none by default.") { InDevelopment = "0s" },
        new("Gateway:Shutdown:GracePeriod", Duration, "30s", "How long running answers may take after a stop was asked for."),
        new("Gateway:Server:ReadTimeout", Duration, "30s", "For a request's headers.") { FileAlias = "server.read_timeout" },
        new("Gateway:Server:KeepAliveTimeout", Duration, "120s", "After which an idle connection is closed.") { FileAlias = "server.idle_timeout" },
        new("Gateway:Tls:Certificate", Text, null, "PEM file of a certificate, followed by those that lead to its root: `Gateway:Tls:Port` is served with it by TLS. Read again when it changes."),
        new("Gateway:Tls:Key", Text, null, "PEM file of the certificate's private key; where not set it is in the certificate's file."),
        new("Gateway:Tls:Port", Integer, "8443", "Port that is served by TLS, beside `Gateway:Port`, once there is a certificate.") { Max = 65535 },
        new("Gateway:Server:TrustedProxies", List, null, "Networks (CIDR) of proxies before the gateway, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: who the client is, and whether it came by TLS."),
        new("Gateway:Server:CorsOrigins", List, null, "Origins whose pages may call the gateway from a browser (`https://app.example.com`; `*` is any). Not for the console and the admin API."),
        new("Gateway:Server:MaxConnections", Integer, "10000", "Connections at a time; further ones are closed at once. Fewer where the process may not open two files for each; with a limit below 512 open files it does not start.") { Min = 10, Max = 1_000_000 },

        // Who may do what
        new("Gateway:AdminKey", Secret, null, "Key for `/admin/v1`; without it the admin API takes only console sign-ins.") { Variables = ["ADMIN_API_KEY"], FileAlias = "auth.admin_key" },
        new("Gateway:Admin:Password", Secret, null, "The local administrator's password; without it one is made and printed once."),
        new("Gateway:Auth:Disabled", Flag, "false", "`true` lets every request in without a key. For experiments on one machine."),
        new("Gateway:Auth:Tokens", Secret, null, "Client tokens that you chose, separated by commas. Empty: there are none (authentication stays on).") { Variables = ["OMNI_AUTH_TOKENS"] },
        new("Gateway:Security:MasterKey", Secret, null, "Wraps the key ring that encrypts credentials; at least 16 characters. Without it (and without a file) a key file is made in the data directory."),
        new("Gateway:Security:MasterKeyFile", Text, null, "File that holds the master key."),
        new("Gateway:SignIn:Local", Flag, "true", "Whether the local administrator may sign in beside the providers of sign-in."),
        new("Gateway:SignIn:PublicUrl", Text, null, "The console's address as browsers see it, where a proxy ends TLS before the gateway: providers send people back to it."),
        new("Gateway:SignIn:DefaultRole", Choice, null, "Role of people whom no rule of sign-in fits; set here it is read-only in the console.") { Choices = ["none", "viewer"] },

        // Limits
        new("Gateway:RateLimits:DefaultRpm", Integer, "60", "Requests per minute of keys that set none; 0 is unlimited.") { FileAlias = "rate_limits.default_rpm" },
        new("Gateway:RateLimits:DefaultTpm", Integer, "100000", "Tokens per minute of keys that set none; 0 is unlimited.") { FileAlias = "rate_limits.default_tpm" },
        new("Gateway:Limits:AssumedOutputTokens", Integer, "1024", "Output tokens to reserve when neither request nor model says."),
        new("Gateway:Limits:UnpricedModels", Choice, "allow", "Calls under a hard budget to a model whose price is not known: `allow` lets them through, uncounted, with a line in the log; `refuse` answers them with 400.") { Choices = ["allow", "refuse"] },
        new("Gateway:Limits:MaxRequestBodyBytes", Integer, "33554432", "Larger requests are refused with 413.") { Min = 1024, Max = 1_073_741_824 },
        new("Gateway:Limits:MaxBufferedBytes", Integer, "0", "Memory that requests above 256 KiB may take together; beyond it they are refused with 503. 0 is a quarter of the memory that the process may use.") { Max = 1_099_511_627_776 },
        new("Gateway:Limits:MaxUploadBytes", Integer, "536870912", "Larger uploads (forms with files in them, and whatever is passed through) are refused with 413.") { Min = 1024, Max = 2_147_483_647 },
        new("Gateway:Limits:BodyTimeout", Duration, "10m", "For the whole of a request's body to arrive; a client that takes longer is refused with 408."),
        new("Gateway:Limits:MaxSpooledBytes", Integer, "2147483648", "Disk space that uploads may take together while they are being read; beyond it they are refused with 503. They lie in the system's temporary directory (`TMPDIR`).") { Min = 65_536, Max = 1_099_511_627_776 },
        new("Gateway:Limits:MaxResponseBodyBytes", Integer, "67108864", "Larger answers of an upstream, not streamed, count as failed.") { Min = 1024, Max = 1_073_741_824 },
        new("Gateway:Limits:MaxEventBytes", Integer, "33554432", "Larger single events of a streamed answer break it. Those above 256 KiB share `MaxBufferedBytes` with requests.") { Min = 1024, Max = 268_435_456 },
        new("Gateway:Limits:MaxConcurrentRequests", Integer, "0", "Requests at a time in this process; further ones wait. 0 is any number.") { Max = 1_000_000 },
        new("Gateway:Limits:Queue:Length", Integer, "1000", "Requests that may wait for their turn; further ones are refused with 503.") { Max = 1_000_000 },
        new("Gateway:Limits:Queue:Timeout", Duration, "10s", "Longest wait; a request that waited so long, or would by the pace at which places become free, is refused with 503."),
        new("Gateway:AllowedModels", List, null, "Models that clients may ask for, on top of what keys allow; empty allows all.") { Variables = ["ALLOW_MODELS"] },

        // Guardrails
        new("Gateway:Guardrails:BannedWords", List, null, "Words and phrases that are not passed on, at most 1000 of at most 200 characters; empty looks for none."),
        new("Gateway:Guardrails:Requests", Choice, "refuse", "What becomes of a request that holds one: it is refused with 400, or they are not looked for.") { Choices = ["refuse", "off"] },
        new("Gateway:Guardrails:Answers", Choice, "cut", "What becomes of an answer that holds one: a stream ends before it and another answer is withheld, or they are not looked for.") { Choices = ["cut", "off"] },

        // Upstreams
        new("Gateway:DefaultProvider", Text, null, "Provider for models that nothing names. By default the one of UPSTREAM_BASE_URL, else the one of OMNI_OPENAI_API_KEY, else none.") { Variables = ["OMNI_DEFAULT_PROVIDER"] },
        new("Gateway:Upstreams:MaxRetries", Integer, "3", "Rounds over the backends after the first.") { Variables = ["UPSTREAM_MAX_RETRIES"], Max = 10 },
        new("Gateway:Upstreams:RetryBackoff", Duration, "1s", "Pause before the first retry; doubles each time, with jitter.") { Variables = ["UPSTREAM_RETRY_BACKOFF"] },
        new("Gateway:Upstreams:RetryBudget", Number, "0.2", "Further calls to a provider that was asked already, as a share of the first ones; 0 to 1. Ten a minute are free.") { Max = 1 },
        new("Gateway:Upstreams:Breaker:ConsecutiveFailures", Integer, "5", "Failures in a row after which a backend is taken for dead; 0 leaves that out.") { Max = 1000 },
        new("Gateway:Upstreams:Breaker:FailureRate", Number, "0.5", "Share of failed calls within the window that does the same; 0 leaves that out.") { Max = 1 },
        new("Gateway:Upstreams:Breaker:MinimumCalls", Integer, "20", "Calls within the window before the share means anything.") { Min = 1, Max = 100_000 },
        new("Gateway:Upstreams:Breaker:Window", Duration, "30s", "How far back the share looks."),
        new("Gateway:Upstreams:Breaker:OpenFor", Duration, "5s", "How long a dead backend is left alone before one call tries it; doubles each time, up to 30 s."),
        new("Gateway:Upstreams:Breaker:SlowStart", Duration, "20s", "Over how long a backend that is back gets its full share again."),
        new("Gateway:Upstreams:ConnectTimeout", Duration, "5s", "For a connection to an upstream."),
        new("Gateway:Upstreams:FirstByteTimeout", Duration, "60s", "Until the first byte of an upstream's answer; then `IdleTimeout` rules. Where it is not set, what is generated whole (not streamed) has `TotalTimeout`."),
        new("Gateway:Upstreams:IdleTimeout", Duration, "60s", "Longest silence within an answer."),
        new("Gateway:Upstreams:TotalTimeout", Duration, "10m", "The whole of a call: its time in line, its attempts and the pauses between them. A provider's or a step's own is for one attempt.") { Variables = ["REQUEST_TIMEOUT"], FileAlias = "server.write_timeout" },
        new("Gateway:Upstreams:AllowedNetworks", List, null, "Private networks (CIDR) that upstreams may be in; in Development loopback by default, otherwise none. Link-local and metadata addresses are refused whatever it says.") { InDevelopment = "127.0.0.0/8, ::1/128" },
        new("Gateway:Upstreams:OpenAI:ApiKey", Secret, null, "Makes a provider named `openai`.") { Variables = ["OMNI_OPENAI_API_KEY"] },
        new("Gateway:Upstreams:OpenAI:BaseUrl", Text, "https://api.openai.com/v1", "Base URL of that provider.") { Variables = ["OMNI_OPENAI_BASE_URL"] },
        new("Gateway:Upstreams:Default:BaseUrl", Text, null, "Makes a provider named `upstream`, which serves every model that nothing else names.") { Variables = ["UPSTREAM_BASE_URL"] },
        new("Gateway:Upstreams:Default:Path", Text, "/chat/completions", "Path of chat completions below that base URL.") { Variables = ["UPSTREAM_PATH"] },
        new("Gateway:Upstreams:Default:ApiKey", Secret, null, "Credential of that provider.") { Variables = ["UPSTREAM_API_KEY"] },
        new("Gateway:Upstreams:Weights", Text, null, "JSON object from provider name to weight: the share of each provider's backends, instead of their own; 0 switches them off.") { Variables = ["PROVIDER_WEIGHTS"] },

        // State
        new("Database:Provider", Choice, "sqlite", "Kind of database.") { Choices = ["sqlite", "postgres", "postgresql", "sqlserver"] },
        new("ConnectionStrings:Gateway", Secret, null, "Connection string; for SQLite a file name will do. By default `gateway.db` in the data directory."),
        new("Database:Url", Secret, null, "The same as a URL: `sqlite:<path>`, `postgres://…`, `sqlserver://…`.") { Variables = ["DATABASE_URL"], FileAlias = "database.url" },
        new("Database:MaxPoolSize", Integer, null, "Most connections to PostgreSQL or SQL Server.") { FileAlias = "database.max_open_conns", Min = 1, Max = 10_000 },
        new("Database:MinPoolSize", Integer, null, "Connections to PostgreSQL or SQL Server that are kept open.") { FileAlias = "database.max_idle_conns", Max = 10_000 },
        new("Redis:Url", Secret, null, "`redis://user:password@host:6379/0`, or `rediss://` for TLS: nodes share limits and budgets and tell each other of changes. Without it limits are kept in the process.") { Variables = ["REDIS_URL"], FileAlias = "redis.url" },
        new("Redis:OnFailure", Choice, "open", "While Redis is away: `open` counts limits on each node alone, `closed` refuses calls that are under limits with 503.") { Choices = ["open", "closed"] },
        new("Redis:Timeout", Duration, "100ms", "Longest silence of Redis while an answer is due; then it counts as away."),
        new("Redis:CertificateAuthorityFile", Text, null, "PEM file of the authorities that `rediss://` trusts; the system's by default."),
        new("Gateway:Journal:Durability", Choice, "process", "`process` survives a killed process, `disk` also a power cut.") { Choices = ["process", "disk"] },
        new("Gateway:Responses:Store", Flag, "true", "Whether answers of `/v1/responses` are kept, encrypted, so that `previous_response_id` works where the upstream keeps none. A request says no with `store: false`."),
        new("Gateway:Responses:TimeToLive", Duration, "720h", "How long they are kept."),
        new("Gateway:Summaries:Model", Text, null, "Model that summarises for `x-gateway-events: summary` where the request has no `summary_model`; by default the one that answers.") { Variables = ["SUMMARY_MODEL_DEFAULT"] },
        new("Gateway:Summaries:Timeout", Duration, "10s", "For one summary; then the text's first sentences stand in for it.") { Variables = ["SUMMARY_TIMEOUT"] },
        new("Gateway:Summaries:MaxReasoningChars", Integer, "8000", "Characters of a model's thoughts that are summarised.") { Variables = ["MAX_REASONING_CHARS"], Min = 1, Max = 1_000_000 },
        new("Gateway:Summaries:ParseReasoning", Flag, "true", "Whether thoughts that an upstream sends apart (`reasoning_content`) count; `false` takes only those between tags.") { Variables = ["ENABLE_PARSE_REASONING"] },
        new("Gateway:Usage:RetentionDays", Integer, "0", "Days after which single calls are deleted from the database; 0 keeps them. Sums by minute, hour and day stay.") { Max = 36_500 },
        new("Gateway:Audit:RetentionDays", Integer, "0", "Days after which entries of the audit log are deleted; 0 keeps them.") { Max = 36_500 },
        new("Gateway:Events:RetentionDays", Integer, "90", "Days after which what happened to the running gateway (circuits that opened, alerts) is deleted; 0 keeps it.") { Max = 36_500 },
        new("Gateway:Capture:RetentionDays", Integer, "7", "Days after which what was said in a call is deleted, where an operator had it kept; see content-capture.md. A change holds for what is kept from then on.") { Min = 1, Max = 365 },
        new("Gateway:Catalog:RefreshInterval", Duration, "500ms", "How often other nodes' changes are looked for; longer values than one second are taken as one second.") { FileAlias = "registry.cache_refresh_interval" },
        new("Gateway:HealthCheck:Interval", Duration, "10s", "Pause between two health checks of a provider that has one (its setting `health_check`).") { FileAlias = "health_check.interval" },
        new("Gateway:HealthCheck:Path", Text, "/health", "What servers that backends name by a URL alone are asked for; any answer but a 5xx is well, `off` asks nothing. Providers have their own setting `health_check`.") { FileAlias = "health_check.path" },
        new("Gateway:HealthCheck:Timeout", Duration, "5s", "For one health check.") { FileAlias = "health_check.timeout" },
        new("Gateway:HealthCheck:HealthyThreshold", Integer, "3", "Successes in a row until a provider is healthy again.") { FileAlias = "health_check.healthy_threshold", Min = 1 },
        new("Gateway:HealthCheck:UnhealthyThreshold", Integer, "1", "Failures in a row until a provider is unhealthy and gets no calls.") { FileAlias = "health_check.unhealthy_threshold", Min = 1 },

        // What is written down
        new("Gateway:Telemetry:RequestLog", Flag, "true", "The `request` and `inference` lines on standard output."),
        new("Gateway:Telemetry:LogLevel", Choice, "info", "Least level of log lines, the two of a call among them; `DEBUG=true` is `debug`.") { Variables = ["LOG_LEVEL", "OMNI_LOG_LEVEL"], FileAlias = "logging.level", Choices = ["trace", "debug", "info", "information", "warn", "warning", "error", "critical"] },
        new("Gateway:Telemetry:LogFormat", Choice, "json", "Form of log lines, the two of a call among them; see telemetry.md.") { Variables = ["LOG_FORMAT"], FileAlias = "logging.format", Choices = ["json", "text"] },
        new("Gateway:Telemetry:Metrics", Flag, "true", "Whether `GET /metrics` answers; see telemetry.md.") { FileAlias = "metrics.enabled" },
        new("Gateway:Telemetry:MetricsPort", Integer, "0", "Port that serves metrics, and nothing else; then no other port serves them. 0 serves them beside everything else.") { Variables = ["METRICS_PORT", "OMNI_METRICS_PORT"], FileAlias = "metrics.port", Max = 65535 },
        new("Gateway:Telemetry:GatewayHeaders", Flag, "true", "Whether answers carry the `x-gateway-*` headers."),
    ];

    // Each begins with the setting named.
    private static readonly (string Title, string First)[] Groups =
    [
        ("The process", "Gateway:ConfigFile"), ("Who may do what", "Gateway:AdminKey"), ("Limits", "Gateway:RateLimits:DefaultRpm"),
        ("Upstreams", "Gateway:DefaultProvider"), ("State", "Database:Provider"), ("What is written down", "Gateway:Telemetry:RequestLog"),
    ];

    /// <summary>The settings by what they are about, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<Setting> Settings)> Grouped { get; } = [.. Group()];

    private static IEnumerable<(string, IReadOnlyList<Setting>)> Group()
    {
        int[] starts = [.. Groups.Select(g => All.Select(s => s.Key).ToList().IndexOf(g.First)), All.Count];
        return Groups.Select((g, i) => (g.Title, (IReadOnlyList<Setting>)[.. All.Skip(starts[i]).Take(starts[i + 1] - starts[i])]));
    }

    private static readonly Dictionary<string, Setting> ByKey = All.ToDictionary(s => s.Key, StringComparer.OrdinalIgnoreCase);

    public static Setting? Find(string key) => ByKey.GetValueOrDefault(key);

    /// <summary>Names that are set and that nothing reads, most of them misspelt. In the YAML file they are errors already.</summary>
    public static IReadOnlyList<string> Unknown(IConfiguration configuration) =>
    [
        .. Sections.SelectMany(s => configuration.GetSection(s).AsEnumerable()).Where(p => p.Value is not null && !IsRead(p.Key)).Select(p => p.Key).Order(StringComparer.Ordinal),
    ];

    private static bool IsRead(string key)
    {
        string name = key.EndsWith("_FILE", StringComparison.OrdinalIgnoreCase) ? key[..^5] : key;
        string parent = ConfigurationPath.GetParentPath(key) ?? "";
        return Find(name) is not null
            || Find(parent) is { Kind: List }
            // Its providers and rules are sections of their own, whose names are checked where they are read.
            || parent.StartsWith(SignInSettings.Section + ":", StringComparison.OrdinalIgnoreCase);
    }
}
