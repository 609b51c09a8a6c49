using System.Net;
using Gateway.Core.Catalog;
using Gateway.Core.Guardrails;
using Gateway.Core.Health;
using Gateway.Core.Load;

namespace Gateway.Core;

/// <summary>The settings that the request path reads, replaced whole when configuration changes.</summary>
public sealed record GatewayOptions
{
    /// <summary>True lets every request in as one anonymous key. Never set because something is missing.</summary>
    public bool AuthDisabled { get; init; }

    /// <summary>Output tokens to reserve when neither request nor model says. Default 1024.</summary>
    public int AssumedOutputTokens { get; init; } = 1024;

    /// <summary>Whether calls under a hard budget are refused where their cost could not be counted. Default off.</summary>
    public bool RefuseUnpriced { get; init; }

    /// <summary>Largest request body in bytes. Default 32 MiB.</summary>
    public long MaxRequestBodyBytes { get; init; } = 33_554_432;

    /// <summary>Largest upload (a form with files in it, or a body that is passed through) in bytes. Default 512 MiB.</summary>
    public long MaxUploadBytes { get; init; } = 536_870_912;

    /// <summary>For the whole of a request's body to arrive. Default 10 min.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Disk space that all uploads being read may take together, in bytes. Default 2 GiB.</summary>
    public long MaxSpooledBytes { get; init; } = 2_147_483_648;

    /// <summary>Memory that the larger requests of all clients may take together, in bytes. Default 0: a quarter of what the process may use.</summary>
    public long MaxBufferedBytes { get; init; }

    /// <summary>Largest buffered (not streamed) answer of an upstream in bytes. Default 64 MiB.</summary>
    public long MaxResponseBodyBytes { get; init; } = 67_108_864;

    /// <summary>Largest single server-sent event in bytes. Default 32 MiB: pictures come as one.</summary>
    public int MaxEventBytes { get; init; } = 33_554_432;

    /// <summary>For keys that set none; 0 is unlimited.</summary>
    public int DefaultRpm { get; init; } = 60;

    /// <summary>For keys that set none; 0 is unlimited.</summary>
    public int DefaultTpm { get; init; } = 100_000;

    /// <summary>Rounds over the backends after the first, where a route step says nothing. Default 3.</summary>
    public int MaxRetries { get; init; } = 3;

    /// <summary>Pause before the first of them; doubles, with full jitter. Default 1 s.</summary>
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause that is waited for within a request, whatever <c>Retry-After</c> asks. Default 10 s.</summary>
    public TimeSpan MaxRetryWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What part of first calls may be made again, 0 to 1; see <see cref="Health.RetryBudget"/>. Default 0.2.</summary>
    public double RetryBudget { get; init; } = 0.2;

    /// <summary>When a backend is taken for dead.</summary>
    public BreakerSettings Breaker { get; init; } = BreakerSettings.Default;

    /// <summary>How active health checks are made.</summary>
    public CheckSettings Checks { get; init; } = new();

    /// <summary>How many requests there may be at a time, and how they wait.</summary>
    public LoadSettings Load { get; init; } = new();
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Until the first byte of an upstream's answer. Default 60 s, which is not for what is made whole before it is sent.</summary>
    public TimeSpan FirstByteTimeout
    {
        get;
        init => (field, FirstByteIsSet) = (value, true);
    } = TimeSpan.FromSeconds(60);

    /// <summary>Somebody set <see cref="FirstByteTimeout"/>, so that it is for every answer. Comes with setting it.</summary>
    public bool FirstByteIsSet { get; init; }
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The whole of a call: its time in line, its attempts and the pauses between them. Default 10 min.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Private networks (loopback among them) that upstreams may be in; link-local and metadata addresses never may.</summary>
    public IReadOnlyList<IPNetwork> AllowedNetworks { get; init; } = [];

    /// <summary>Provider for a model that no catalog entry names; null refuses such models.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>Names that clients may ask for, on top of what keys allow; empty allows all. For <c>ALLOW_MODELS</c>.</summary>
    public IReadOnlyList<string> AllowedModels { get; init; } = [];

    /// <summary>
    /// Whether answers of the Responses wire are kept for <c>previous_response_id</c> where the upstream keeps none. Default on.
    /// </summary>
    public bool StoreResponses { get; init; } = true;

    /// <summary>How long they are kept. Default 30 days, as OpenAI keeps them.</summary>
    public TimeSpan ResponseTimeToLive { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Words that are not passed on; null where there are none, which is all that a request then asks.</summary>
    public GuardrailSettings? Guardrails { get; init; }

    /// <summary>Whether answers carry the <c>x-gateway-*</c> headers. Default on.</summary>
    public bool GatewayHeaders { get; init; } = true;

    /// <summary>Which traces are recorded that begin here; none, unless they are exported.</summary>
    public TraceSampling TraceSampling { get; init; }

    /// <summary>Secret behind the HMAC of tokens that operators chose; empty if there are none.</summary>
    public byte[] TokenSecret { get; init; } = [];

    /// <summary>The timeouts of an attempt: the step's, else the provider's, else the gateway's.</summary>
    /// <param name="madeWhole">Nothing of the answer is sent before all of it is there: that takes what it takes, unless somebody set a limit.</param>
    public Timeouts TimeoutsFor(Provider provider, RouteStep? step, bool madeWhole = false)
    {
        TimeSpan total = step?.Timeouts.Total ?? provider.Timeouts.Total ?? TotalTimeout;
        return new Timeouts(
            step?.Timeouts.FirstByte ?? provider.Timeouts.FirstByte ?? (madeWhole && !FirstByteIsSet ? total : FirstByteTimeout),
            step?.Timeouts.Idle ?? provider.Timeouts.Idle ?? IdleTimeout,
            total);
    }
}

/// <summary>The limits of one attempt in time.</summary>
public readonly record struct Timeouts(TimeSpan FirstByte, TimeSpan Idle, TimeSpan Total);
