using System.Security.Cryptography.X509Certificates;

namespace Gateway.Web.Cluster.Redis;

/// <summary>The connection to Redis as configured.</summary>
internal sealed record RedisSettings
{
    public required RedisEndpoint Endpoint { get; init; }

    /// <summary>While Redis is away: true counts limits on this node alone, false refuses calls that are under limits.</summary>
    public bool FailsOpen { get; init; } = true;

    /// <summary>Longest silence of Redis while an answer is due, and so what a request loses when it hangs.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What TLS trusts in place of the system's authorities; null trusts those.</summary>
    public X509Certificate2Collection? Authorities { get; init; }
}
