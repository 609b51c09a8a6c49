using System.Net;
using Gateway.Core;
using Gateway.Web.Calls.Summaries;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Hosting;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Retention;
using Gateway.Web.Telemetry;
using Gateway.Web.Telemetry.Otlp;

namespace Gateway.Web.Configuration;

/// <summary>The settings as read and checked. <see cref="Options"/> follows changes while running; the rest holds from the start.</summary>
internal sealed record GatewaySettings
{
    public required GatewayOptions Options { get; init; }
    public required string Role { get; init; }
    public required int Port { get; init; }

    /// <summary>An IP address, <c>localhost</c>, or <c>*</c> for all addresses.</summary>
    public required string Host { get; init; }

    /// <summary>Absolute; may not exist yet.</summary>
    public required string DataDirectory { get; init; }
    public required string NodeName { get; init; }
    public required DatabaseSettings Database { get; init; }

    /// <summary>Null: this process is the only node, or nodes count limits each on its own.</summary>
    public RedisSettings? Redis { get; init; }
    public required TimeSpan ShutdownGracePeriod { get; init; }

    /// <summary>How long requests are still taken, though readiness says no, before the grace period begins.</summary>
    public required TimeSpan ShutdownDelay { get; init; }
    public required TimeSpan ReadTimeout { get; init; }
    public required TimeSpan KeepAliveTimeout { get; init; }
    public required int MaxConnections { get; init; }

    /// <summary>Of proxies before the gateway; empty believes nobody.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Whose pages may call from a browser; <c>*</c> is any.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>True: the journal is synced to the disk before an answer ends.</summary>
    public required bool DurableJournal { get; init; }
    public required RetentionSettings Retention { get; init; }

    /// <summary>How ordered summaries are made.</summary>
    public SummarySettings Summaries { get; init; } = new();
    public required TimeSpan CatalogRefreshInterval { get; init; }
    public required bool RequestLog { get; init; }

    /// <summary>Whether and where metrics are served.</summary>
    public MetricsSettings Metrics { get; init; } = new(Enabled: true, Port: 0);

    /// <summary>The port that is served by TLS; null serves none.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Where traces are sent, by OpenTelemetry's own variables; null sends none.</summary>
    public OtlpSettings? Traces { get; init; }

    /// <summary>What is wrong with these variables and was ignored, for the log.</summary>
    public IReadOnlyList<string> IgnoredVariables { get; init; } = [];
    public required LogLevel LogLevel { get; init; }
    public required bool JsonLog { get; init; }

    /// <summary>Whether the local administrator may sign in to the console.</summary>
    public required bool LocalSignIn { get; init; }

    /// <summary>Of people whom no rule of sign-in fits; null where nothing declares it.</summary>
    public string? DefaultSignInRole { get; init; }

    /// <summary>Whether this process answers the data plane.</summary>
    public bool ServesGateway => Role is "all" or "gateway";

    /// <summary>Whether this process has the console and the admin API.</summary>
    public bool ServesConsole => Role is "all" or "console";
}
