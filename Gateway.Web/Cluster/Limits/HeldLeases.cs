using System.Collections.Concurrent;
using Gateway.Core.Limits;

namespace Gateway.Web.Cluster.Limits;

/// <summary>
/// The running calls of this node that Redis holds something for. How long a call may take nobody can tell when it is admitted:
/// attempts, waits in line and a provider's own timeouts add up. So its lease is short, and made longer for as long as it runs.
/// </summary>
internal sealed class HeldLeases
{
    // Well above the time that Redis may be away for without a call losing its place.
    private static readonly TimeSpan Term = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<Guid, Held> _held = new();

    public void Add(LimitLease lease, LimitScope[] scopes) => _held[lease.Id] = new Held(lease, scopes);

    public void Remove(LimitLease lease) => _held.TryRemove(lease.Id, out _);

    /// <summary>The leases that end soon, made longer, as what is to be told to Redis: they hold what they held, for longer.</summary>
    public IEnumerable<LimitEvent> Renew(DateTimeOffset now)
    {
        foreach ((LimitLease lease, LimitScope[] scopes) in _held.Values)
        {
            if (lease.Deadline - now < Early)
            {
                lease.Deadline = now + Term;
                yield return new LimitEvent(LimitEventKind.Grown, lease, scopes, lease.Tokens, lease.Money.Value, Unsure: false);
            }
        }
    }

    private readonly record struct Held(LimitLease Lease, LimitScope[] Scopes);
}
