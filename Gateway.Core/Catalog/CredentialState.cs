using Gateway.Core.Limits;

namespace Gateway.Core.Catalog;

/// <summary>Runtime facts of a credential. Safe for concurrent use; where nothing is wrong with it, two interlocked operations a call.</summary>
public sealed class CredentialState
{
    // Models can be named by clients, so that their number is not ours to choose.
    private const int MostSetAside = 100;

    private readonly Lock _gate = new();

    // Copied when it changes: looking at it, which every call does, takes no lock.
    private SetAside[] _setAside = [];
    private int _inFlight;
    private long _tokensInFlight;

    /// <summary>The last minute's requests and tokens; counts only where the credential has limits.</summary>
    public SlidingWindow Window { get; } = new();

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Tokens that the calls in flight are estimated to cost.</summary>
    public long TokensInFlight => Interlocked.Read(ref _tokensInFlight);

    /// <summary>What keeps it from being used for this model now; null if nothing does.</summary>
    /// <param name="model">Null looks for whatever keeps it from being used for all models.</param>
    public SetAside? FindSetAside(string? model, long nowMs)
    {
        SetAside? found = null;
        foreach (SetAside entry in Volatile.Read(ref _setAside))
        {
            if (entry.UntilMs > nowMs && (entry.Model is null || entry.Model == model) && (found is null || entry.UntilMs > found.UntilMs))
            {
                found = entry;
            }
        }
        return found;
    }

    /// <summary>All that is in force now, those for single models included.</summary>
    public IReadOnlyList<SetAside> AllSetAside(long nowMs) => [.. Volatile.Read(ref _setAside).Where(e => e.UntilMs > nowMs)];

    public void Begin(long tokens)
    {
        Interlocked.Increment(ref _inFlight);
        Interlocked.Add(ref _tokensInFlight, tokens);
    }

    public void End(long tokens)
    {
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Add(ref _tokensInFlight, -tokens);
    }

    /// <summary>Sets it aside. Of several calls that ran at once and were all refused, only the first makes the pause longer.</summary>
    /// <param name="model">The upstream model it is not to be used for; null for all.</param>
    /// <param name="startedMs">When the refused call began.</param>
    /// <param name="first">The pause; it doubles with each further refusal.</param>
    /// <param name="longest">But is never longer than this.</param>
    /// <param name="once">The pause for a refusal that none came before, which is not counted yet; null counts every one.</param>
    public void Put(string? model, GatewayErrorKind reason, long startedMs, long nowMs, TimeSpan first, TimeSpan longest, TimeSpan? once = null)
    {
        lock (_gate)
        {
            SetAside? old = Array.Find(_setAside, e => e.Model == model);
            bool again = old is not null && startedMs < old.SinceMs;
            int failures = old is null ? (once is null ? 1 : 0) : again ? old.Failures : old.Failures + 1;
            double pauseMs = failures == 0 && once is { } pause
                ? pause.TotalMilliseconds
                : Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Max(failures, 1) - 1), longest.TotalMilliseconds);
            long until = Math.Max(nowMs + (long)pauseMs, again ? old!.UntilMs : 0);
            var entry = new SetAside(model, reason, again ? old!.SinceMs : nowMs, until, failures);
            Volatile.Write(ref _setAside, [entry, .. _setAside.Where(e => e != old).Take(MostSetAside - 1)]);
        }
    }

    /// <summary>A call went well: what set the credential aside before that call began is over.</summary>
    public void Clear(string model, long startedMs)
    {
        if (Volatile.Read(ref _setAside).Length > 0)
        {
            Remove(model, startedMs);
        }
    }

    // Apart, so that its closure costs nothing where there is nothing to remove.
    private void Remove(string model, long startedMs)
    {
        lock (_gate)
        {
            Volatile.Write(ref _setAside, [.. _setAside.Where(e => e.SinceMs > startedMs || (e.Model is not null && e.Model != model))]);
        }
    }
}
