using System.Collections.Concurrent;
using Gateway.Core.Catalog;
using Gateway.Core.Health;

namespace Gateway.Web.Health;

/// <summary>
/// Whether providers that have no check of their own take connections. They are asked when somebody wants to know, and each
/// at most once in ten seconds, however many want to.
/// </summary>
internal sealed class Reachability(HealthProbe probe, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KnownFor = TimeSpan.FromSeconds(10);
    private static readonly HealthCheckSettings Connection = new(HealthCheckKind.Tcp);

    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    /// <summary>Takes two seconds at the most.</summary>
    public async Task<bool> AskAsync(Provider provider)
    {
        DateTimeOffset now = time.GetUtcNow();
        // The version: at another address another answer.
        Answer answer = _answers.AddOrUpdate(
            provider.Id,
            _ => Ask(provider, now),
            (_, known) => known.Version == provider.ClientVersion && now - known.At < KnownFor ? known : Ask(provider, now));
        return (await answer.Check.Value).Ok;
    }

    // Whoever loses the race to put it there has asked nobody.
    private Answer Ask(Provider provider, DateTimeOffset now) =>
        new(now, provider.ClientVersion, new(() => probe.CheckAsync(provider, Connection, Limit, CancellationToken.None)));

    private sealed record Answer(DateTimeOffset At, string Version, Lazy<Task<CheckResult>> Check);
}
