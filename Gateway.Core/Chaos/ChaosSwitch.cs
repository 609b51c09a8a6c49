using Gateway.Core.Catalog;

namespace Gateway.Core.Chaos;

/// <summary>
/// The faults that are on here. Empty, which it is nearly always, it costs a call one read. Safe for concurrent
/// use. Nothing that a client sends reaches it.
/// </summary>
public sealed class ChaosSwitch(TimeProvider time, Random random)
{
    /// <summary>No fault stays on longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private const int Most = 50;

    private readonly Lock _gate = new();
    private Fault[] _faults = [];

    /// <summary>Raised after each change that somebody makes, here or on another node, on the thread that makes it.</summary>
    public event Action? Changed;

    /// <summary>Whether what is switched on here is on at every node; else it is on at this one alone.</summary>
    public bool IsShared { get; init; }

    /// <summary>Those that are on now, the newest last.</summary>
    public IReadOnlyList<Fault> Active => [.. Volatile.Read(ref _faults).Where(f => f.Until > time.GetUtcNow())];

    /// <summary>Whether any is on now.</summary>
    public bool IsOn => Volatile.Read(ref _faults).Length > 0 && Active.Count > 0;

    /// <summary>False when there are too many already.</summary>
    public bool TryAdd(Fault fault)
    {
        Fault bounded = Bound(fault, fault.Since);
        lock (_gate)
        {
            Fault[] current = [.. Active];
            if (current.Length >= Most)
            {
                return false;
            }
            Volatile.Write(ref _faults, [.. current, bounded]);
        }
        Changed?.Invoke();
        return true;
    }

    /// <summary>Ends one; null when it is not on.</summary>
    public Fault? Remove(string id)
    {
        Fault? removed;
        lock (_gate)
        {
            removed = Array.Find(_faults, f => f.Id == id);
            Volatile.Write(ref _faults, [.. Active.Where(f => f.Id != id)]);
        }
        Changed?.Invoke();
        return removed;
    }

    /// <summary>Makes those that are on at every node the ones that are on here.</summary>
    public void TakeOver(IEnumerable<Fault> faults)
    {
        lock (_gate)
        {
            Fault[] current = [.. Active];
            DateTimeOffset now = time.GetUtcNow();
            Fault[] all = [.. faults
                .Where(f => f.Until > now)
                .OrderBy(f => f.Since).Take(Most)
                .Select(f => Array.Find(current, c => c.Id == f.Id) ?? Bound(f, now) with { IsFromElsewhere = true })];
            if (all.Length == current.Length && all.All(current.Contains))
            {
                return;
            }
            Volatile.Write(ref _faults, all);
        }
        Changed?.Invoke();
    }

    /// <summary>What is to go wrong with this call; null, as a rule, is nothing.</summary>
    public Fault? Find(ApiKey? key, Backend backend)
    {
        Fault[] faults = Volatile.Read(ref _faults);
        return faults.Length == 0 ? null : Find(faults, key, backend);
    }

    private static Fault Bound(Fault fault, DateTimeOffset since) =>
        fault.Until > since + Longest ? fault with { Until = since + Longest } : fault;

    private Fault? Find(Fault[] faults, ApiKey? key, Backend backend)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (Fault fault in faults)
        {
            bool here = fault.Backend is not null ? fault.Backend == backend.Id : fault.Provider == backend.Provider.Name;
            if (here && fault.Until > now && (fault.Keys.Count == 0 || (key is not null && fault.Keys.Contains(key.Id))) && Hits(fault.Rate))
            {
                return fault;
            }
        }
        return null;
    }

    private bool Hits(double rate)
    {
        lock (random)
        {
            return random.NextDouble() < rate;
        }
    }
}
