using Gateway.Core.Health;

namespace Gateway.Core.Catalog;

/// <summary>A provider as requests see it: checked and immutable, but for its <see cref="State"/>.</summary>
public sealed class Provider
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required ProviderKind Kind { get; init; }

    /// <summary>With its wire's prefix and a trailing slash; null for <see cref="ProviderKind.Simulated"/>.</summary>
    public Uri? BaseUrl { get; init; }
    public required IReadOnlyList<CredentialDefinition> Credentials { get; init; }

    /// <summary>The same <see cref="Credentials"/> with their runtime state, in the same order.</summary>
    public PooledCredential[] Pool { get; init; } = [];
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The manners of an OpenAI-compatible server; null where nothing special is known.</summary>
    public Quirks.Profile? Profile { get; init; }
    public required TimeoutSettings Timeouts { get; init; }
    public bool Active { get; init; }

    /// <summary>What all calls of it may use together; null where nothing is limited.</summary>
    public Limits.LimitScope? Limits { get; init; }

    /// <summary>It takes no new calls; those that run may end.</summary>
    public bool Draining { get; init; }

    /// <summary>Most calls at a time, over all of its backends; 0 is any number.</summary>
    public int MaxConcurrency { get; init; }

    /// <summary>How it is looked after while nobody calls it.</summary>
    public HealthCheckSettings HealthCheck { get; init; } = HealthCheckSettings.Off;

    /// <summary>How long a call waits for a model to be loaded; zero not at all.</summary>
    public TimeSpan WarmupWait { get; init; }
    public required ProviderState State { get; init; }

    /// <summary>Changes when something changed that an open connection or a client object depends on.</summary>
    public required string ClientVersion { get; init; }

    /// <summary>What the adapter derived from the settings, so that it is derived once.</summary>
    public object? Derived;
}
