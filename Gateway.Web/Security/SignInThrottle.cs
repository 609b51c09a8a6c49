using System.Collections.Concurrent;

namespace Gateway.Web.Security;

/// <summary>Slows guessing down: ten tries in five minutes for each address, in this process.</summary>
internal sealed class SignInThrottle(TimeProvider time)
{
    private const int Tries = 10;
    private const int MaxAddresses = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    /// <summary>False when <paramref name="client"/> has used up its tries; it may go on when the window has passed.</summary>
    public bool TryEnter(string client)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_counters.Count >= MaxAddresses)
        {
            foreach ((string key, Counter old) in _counters)
            {
                if (now - old.Since >= Window)
                {
                    _counters.TryRemove(key, out _);
                }
            }
        }
        Counter counter = _counters.AddOrUpdate(
            client,
            _ => new Counter(now, 1),
            (_, c) => now - c.Since >= Window ? new Counter(now, 1) : c with { Count = c.Count + 1 });
        return counter.Count <= Tries;
    }

    /// <summary>Called after a success.</summary>
    public void Forget(string client) => _counters.TryRemove(client, out _);

    private sealed record Counter(DateTimeOffset Since, int Count);
}
