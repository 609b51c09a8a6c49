using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Core;
using Gateway.Core.Guardrails;
using Gateway.Core.Health;
using Gateway.Core.Load;
using Gateway.Web.Calls.Summaries;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Hosting;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Retention;
using Gateway.Web.Telemetry;
using Gateway.Web.Telemetry.Otlp;

namespace Gateway.Web.Configuration;

/// <summary>Reads and checks every setting, and notes everything that is wrong instead of stopping at the first.</summary>
/// <param name="get">The strongest value of a key; null or empty when nothing sets it.</param>
internal sealed class SettingsReader(Func<string, string?> get, ConfigurationPlace place)
{
    private readonly List<string> _errors = [];

    /// <summary>Each names its setting; none repeats a secret.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public GatewaySettings Read()
    {
        foreach (Setting setting in KnownSettings.All)
        {
            Check(setting);
        }
        string dataDirectory = Path.GetFullPath(Text("Gateway:DataDirectory")!, place.Directory);
        string node = Text("Gateway:NodeName")!;
        var variables = new OtlpVariables(get);
        OtlpSettings? traces = variables.Read(ProgramVersion.Text, node);
        return new GatewaySettings
        {
            Options = ReadOptions() with { TraceSampling = traces?.Sampling ?? default },
            Database = ReadDatabase(dataDirectory),
            Redis = ReadRedis(),
            Role = Choice("Gateway:Role"),
            Port = (int)Integer("Gateway:Port"),
            Host = Host(),
            DataDirectory = dataDirectory,
            NodeName = node,
            ShutdownGracePeriod = Duration("Gateway:Shutdown:GracePeriod"),
            ShutdownDelay = Duration("Gateway:Shutdown:Delay"),
            ReadTimeout = Duration("Gateway:Server:ReadTimeout"),
            KeepAliveTimeout = Duration("Gateway:Server:KeepAliveTimeout"),
            MaxConnections = (int)Integer("Gateway:Server:MaxConnections"),
            TrustedProxies = Networks("Gateway:Server:TrustedProxies"),
            CorsOrigins = Origins(),
            DurableJournal = Choice("Gateway:Journal:Durability") == "disk",
            Retention = new RetentionSettings(
                (int)Integer("Gateway:Usage:RetentionDays"), (int)Integer("Gateway:Audit:RetentionDays"), (int)Integer("Gateway:Events:RetentionDays"),
                (int)Integer("Gateway:Capture:RetentionDays")),
            Summaries = new SummarySettings
            {
                Model = Text("Gateway:Summaries:Model"),
                Timeout = Duration("Gateway:Summaries:Timeout"),
                MaxReasoningChars = (int)Integer("Gateway:Summaries:MaxReasoningChars"),
                ParseReasoning = Boolean("Gateway:Summaries:ParseReasoning"),
            },
            CatalogRefreshInterval = Duration("Gateway:Catalog:RefreshInterval"),
            RequestLog = Boolean("Gateway:Telemetry:RequestLog"),
            Metrics = Metrics(),
            Tls = Tls(),
            Traces = traces,
            IgnoredVariables = variables.Ignored,
            LogLevel = Choice("Gateway:Telemetry:LogLevel") switch
            {
                "trace" => LogLevel.Trace,
                "debug" => LogLevel.Debug,
                "warn" or "warning" => LogLevel.Warning,
                "error" => LogLevel.Error,
                "critical" => LogLevel.Critical,
                _ => LogLevel.Information,
            },
            JsonLog = Choice("Gateway:Telemetry:LogFormat") == "json",
            LocalSignIn = Boolean("Gateway:SignIn:Local"),
            DefaultSignInRole = Text("Gateway:SignIn:DefaultRole")?.ToLowerInvariant(),
        };
    }

    /// <summary>The value, or the default; null when there is neither.</summary>
    public string? Text(string key) => get(key) is { Length: > 0 } value ? value : KnownSettings.Find(key)!.DefaultAt(place);

    public IReadOnlyList<string> List(string key)
    {
        var values = new List<string>(Split(get(key)));
        for (int i = 0; get($"{key}:{i}") is { Length: > 0 } value; i++)
        {
            values.Add(value);
        }
        return values.Count > 0 ? values : Split(KnownSettings.Find(key)!.DefaultAt(place));

        static string[] Split(string? joined) => joined?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    private MetricsSettings Metrics()
    {
        int port = (int)Integer("Gateway:Telemetry:MetricsPort");
        // The gateway's own port is no port of their own.
        return new MetricsSettings(Boolean("Gateway:Telemetry:Metrics"), port == Integer("Gateway:Port") ? 0 : port);
    }

    private TlsSettings? Tls()
    {
        if (Text("Gateway:Tls:Certificate") is not { } certificate)
        {
            return null;
        }
        string path = Path.GetFullPath(certificate, place.Directory);
        var settings = new TlsSettings((int)Integer("Gateway:Tls:Port"), path, Text("Gateway:Tls:Key") is { } key ? Path.GetFullPath(key, place.Directory) : path);
        try
        {
            TlsCertificate.Load(settings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            _errors.Add($"Gateway:Tls:Certificate (with Gateway:Tls:Key) cannot be read as PEM of a certificate and its own key: {e.Message}");
        }
        return settings;
    }

    private string Host()
    {
        string host = Text("Gateway:Host")!;
        if (host is not ("localhost" or "*") && !System.Net.IPAddress.TryParse(host, out _))
        {
            _errors.Add($"Gateway:Host is \"{host}\"; it must be an IP address, localhost, or * for all addresses.");
        }
        return host;
    }

    private string? AddressPath()
    {
        const string Key = "Gateway:HealthCheck:Path";
        HealthCheckSettings? check = HealthCheckSettings.Parse(Text(Key) ?? "off");
        if (check is null || check.Kind is not (HealthCheckKind.Path or HealthCheckKind.Off))
        {
            _errors.Add($"{Key} must be a path such as /health, or off.");
        }
        return check?.Path;
    }

    private RedisSettings? ReadRedis()
    {
        if (Text("Redis:Url") is not { } url)
        {
            return null;
        }
        if (!RedisEndpoint.TryParse(url, out RedisEndpoint? endpoint, out string? error))
        {
            _errors.Add(error);
            return null;
        }
        TimeSpan timeout = Duration("Redis:Timeout");
        if (timeout < TimeSpan.FromMilliseconds(10) || timeout > TimeSpan.FromSeconds(10))
        {
            _errors.Add("Redis:Timeout must be between 10ms and 10s.");
        }
        return new RedisSettings
        {
            Endpoint = endpoint,
            FailsOpen = Choice("Redis:OnFailure") == "open",
            Timeout = timeout,
            Authorities = Text("Redis:CertificateAuthorityFile") is { } file ? Authorities("Redis:CertificateAuthorityFile", file) : null,
        };
    }

    private X509Certificate2Collection Authorities(string key, string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(Path.GetFullPath(file, place.Directory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            _errors.Add($"{key} cannot be read as a PEM file of certificates.");
        }
        return authorities;
    }

    private DatabaseSettings ReadDatabase(string dataDirectory)
    {
        if (DatabaseSettings.TryRead(get, dataDirectory, out DatabaseSettings? database, out string? error))
        {
            return database;
        }
        _errors.Add(error);
        return new DatabaseSettings(DatabaseProvider.Sqlite, "");
    }

    private GatewayOptions ReadOptions() => new()
    {
        AuthDisabled = Boolean("Gateway:Auth:Disabled"),
        AssumedOutputTokens = (int)Integer("Gateway:Limits:AssumedOutputTokens"),
        RefuseUnpriced = Choice("Gateway:Limits:UnpricedModels") == "refuse",
        MaxRequestBodyBytes = Integer("Gateway:Limits:MaxRequestBodyBytes"),
        MaxUploadBytes = Integer("Gateway:Limits:MaxUploadBytes"),
        BodyTimeout = Duration("Gateway:Limits:BodyTimeout"),
        MaxBufferedBytes = Integer("Gateway:Limits:MaxBufferedBytes"),
        MaxSpooledBytes = Integer("Gateway:Limits:MaxSpooledBytes"),
        MaxResponseBodyBytes = Integer("Gateway:Limits:MaxResponseBodyBytes"),
        MaxEventBytes = (int)Integer("Gateway:Limits:MaxEventBytes"),
        DefaultRpm = (int)Integer("Gateway:RateLimits:DefaultRpm"),
        DefaultTpm = (int)Integer("Gateway:RateLimits:DefaultTpm"),
        MaxRetries = (int)Integer("Gateway:Upstreams:MaxRetries"),
        RetryBackoff = Duration("Gateway:Upstreams:RetryBackoff"),
        RetryBudget = Number("Gateway:Upstreams:RetryBudget"),
        Breaker = BreakerSettings.Default with
        {
            ConsecutiveFailures = (int)Integer("Gateway:Upstreams:Breaker:ConsecutiveFailures"),
            FailureRate = Number("Gateway:Upstreams:Breaker:FailureRate"),
            MinimumCalls = (int)Integer("Gateway:Upstreams:Breaker:MinimumCalls"),
            Window = Duration("Gateway:Upstreams:Breaker:Window"),
            OpenFor = Duration("Gateway:Upstreams:Breaker:OpenFor"),
            SlowStart = Duration("Gateway:Upstreams:Breaker:SlowStart"),
        },
        Load = new LoadSettings
        {
            MostRequests = (int)Integer("Gateway:Limits:MaxConcurrentRequests"),
            QueueLength = (int)Integer("Gateway:Limits:Queue:Length"),
            QueueTimeout = Duration("Gateway:Limits:Queue:Timeout"),
        },
        Checks = new CheckSettings
        {
            Interval = Duration("Gateway:HealthCheck:Interval"),
            Timeout = Duration("Gateway:HealthCheck:Timeout"),
            HealthyThreshold = (int)Integer("Gateway:HealthCheck:HealthyThreshold"),
            UnhealthyThreshold = (int)Integer("Gateway:HealthCheck:UnhealthyThreshold"),
            AddressPath = AddressPath(),
        },
        ConnectTimeout = Duration("Gateway:Upstreams:ConnectTimeout"),
        FirstByteTimeout = Duration("Gateway:Upstreams:FirstByteTimeout"),
        FirstByteIsSet = get("Gateway:Upstreams:FirstByteTimeout") is { Length: > 0 },
        IdleTimeout = Duration("Gateway:Upstreams:IdleTimeout"),
        TotalTimeout = Duration("Gateway:Upstreams:TotalTimeout"),
        AllowedNetworks = Networks("Gateway:Upstreams:AllowedNetworks"),
        DefaultProvider = Text("Gateway:DefaultProvider")
            ?? (Text("Gateway:Upstreams:Default:BaseUrl") is not null ? EnvironmentCatalog.DefaultUpstream
            : Text("Gateway:Upstreams:OpenAI:ApiKey") is not null ? EnvironmentCatalog.OpenAI : null),
        AllowedModels = List("Gateway:AllowedModels"),
        Guardrails = ReadGuardrails("Gateway:Guardrails:BannedWords"),
        StoreResponses = Boolean("Gateway:Responses:Store"),
        ResponseTimeToLive = Duration("Gateway:Responses:TimeToLive"),
        GatewayHeaders = Boolean("Gateway:Telemetry:GatewayHeaders"),
        TokenSecret = place.TokenSecret,
    };

    private GuardrailSettings? ReadGuardrails(string key)
    {
        IReadOnlyList<string> words = List(key);
        if (words.Count > BannedWords.MostWords || words.Any(w => w.Length > BannedWords.MostLength))
        {
            _errors.Add($"{key} must hold at most {BannedWords.MostWords} words or phrases of at most {BannedWords.MostLength} characters.");
            return null;
        }
        bool requests = Choice("Gateway:Guardrails:Requests") == "refuse";
        bool answers = Choice("Gateway:Guardrails:Answers") == "cut";
        return (requests || answers) && BannedWords.Of(words) is { } banned
            ? new GuardrailSettings { Requests = requests ? banned : null, Answers = answers ? banned : null }
            : null;
    }

    private void Check(Setting setting)
    {
        if (setting.Kind is SettingKind.Text or SettingKind.Secret or SettingKind.List || Text(setting.Key) is not { } value)
        {
            return;
        }
        string? accepted = setting.Kind switch
        {
            SettingKind.Integer when !IsInteger(value, setting) => $"a whole number from {setting.Min} to {setting.Max}",
            SettingKind.Number when !IsNumber(value, setting) => $"a number from {setting.Min} to {setting.Max}",
            SettingKind.Flag when !IsBoolean(value, out _) => "true or false",
            SettingKind.Duration when !DurationText.TryParse(value, out _) => DurationText.Accepted,
            SettingKind.Choice when !setting.Choices.Contains(value.ToLowerInvariant()) => "one of " + string.Join(", ", setting.Choices),
            _ => null,
        };
        if (accepted is not null)
        {
            string names = string.Join(" or ", setting.Variables.Prepend(setting.Key));
            _errors.Add($"{names} is \"{(value.Length > 60 ? value[..60] + "…" : value)}\"; it must be {accepted}.");
        }
    }

    // The following read what Check has found right, and give the default for what it has not.
    private string Choice(string key) => Text(key)!.ToLowerInvariant() is var value && KnownSettings.Find(key)!.Choices.Contains(value) ? value : KnownSettings.Find(key)!.Default!;

    private long Integer(string key) => IsInteger(Text(key)!, KnownSettings.Find(key)!)
        ? long.Parse(Text(key)!, CultureInfo.InvariantCulture)
        : long.Parse(KnownSettings.Find(key)!.Default!, CultureInfo.InvariantCulture);

    private double Number(string key) => double.Parse(
        IsNumber(Text(key)!, KnownSettings.Find(key)!) ? Text(key)! : KnownSettings.Find(key)!.Default!, CultureInfo.InvariantCulture);

    private bool Boolean(string key) => IsBoolean(Text(key)!, out bool value) && value;

    private TimeSpan Duration(string key) =>
        DurationText.TryParse(Text(key)!, out TimeSpan value) || DurationText.TryParse(KnownSettings.Find(key)!.Default!, out value) ? value : default;

    private IReadOnlyList<string> Origins()
    {
        const string Key = "Gateway:Server:CorsOrigins";
        IReadOnlyList<string> origins = List(Key);
        foreach (string origin in origins.Where(o => o != "*"))
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.GetLeftPart(UriPartial.Authority) != origin)
            {
                _errors.Add($"{Key} holds \"{origin}\"; an origin is a scheme, a host and a port if it is an unusual one: https://app.example.com.");
            }
        }
        return origins;
    }

    private List<IPNetwork> Networks(string key)
    {
        var networks = new List<IPNetwork>();
        foreach (string text in List(key))
        {
            if (IPNetwork.TryParse(text, out IPNetwork network))
            {
                networks.Add(network);
            }
            else
            {
                _errors.Add($"{key} holds \"{text}\"; it must hold networks such as 10.0.0.0/8 (with no bits set after the prefix).");
            }
        }
        return networks;
    }

    private static bool IsInteger(string text, Setting setting) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= setting.Min && value <= setting.Max;

    private static bool IsNumber(string text, Setting setting) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value >= setting.Min && value <= setting.Max;

    private static bool IsBoolean(string text, out bool value)
    {
        value = text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("yes", StringComparison.OrdinalIgnoreCase) || text.Equals("on", StringComparison.OrdinalIgnoreCase);
        return value || text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("no", StringComparison.OrdinalIgnoreCase) || text.Equals("off", StringComparison.OrdinalIgnoreCase);
    }
}
