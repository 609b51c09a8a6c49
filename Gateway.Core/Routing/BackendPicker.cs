using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Routing;

/// <summary>
/// Chooses a step's next backend: the best priority of which any may be called now, and in it whichever the policy takes.
/// Where nothing is wrong with any of them it copies nothing.
/// </summary>
public static class BackendPicker
{
    /// <summary>The next backend; null when every one was tried or may not be called now.</summary>
    /// <param name="backends">Ordered by priority.</param>
    /// <param name="tried">Not to be taken again.</param>
    public static Backend? Pick(IRoutingPolicy policy, Backend[] backends, IReadOnlyList<Backend> tried, in RoutingContext context)
    {
        for (int start = 0, end; start < backends.Length; start = end)
        {
            end = EndOfTier(backends, start);
            int open = 0;
            bool ramping = false;
            for (int i = start; i < end; i++)
            {
                if (IsOpen(backends[i], tried, context))
                {
                    open++;
                    ramping |= backends[i].State.Breaker.Share(context.NowMs, context.Breaker) < 1;
                }
            }
            if (open > 0)
            {
                return open == end - start && !ramping
                    ? Take(policy, backends.AsSpan(start, end - start), context)
                    : PickAmong(policy, backends.AsSpan(start, end - start), open, tried, context);
            }
        }
        return null;
    }

    /// <summary>Judges every backend as <see cref="Pick"/> would now, without taking any.</summary>
    public static IReadOnlyList<BackendVerdict> Explain(IRoutingPolicy policy, Backend[] backends, in RoutingContext context)
    {
        var verdicts = new List<BackendVerdict>(backends.Length);
        bool found = false;
        for (int start = 0, end; start < backends.Length; start = end)
        {
            end = EndOfTier(backends, start);
            Span<Backend> tier = backends.AsSpan(start, end - start);
            Backend[] open = Open(tier, [], context);
            Backend? best = found || open.Length == 0 ? null : open[0];
            foreach (Backend backend in open.AsSpan(Math.Min(1, open.Length)))
            {
                best = best is not null && policy.Score(open, backend, context) < policy.Score(open, best, context) ? backend : best;
            }
            foreach (Backend backend in tier)
            {
                double? score = open.Contains(backend) ? policy.Score(open, backend, context) : null;
                string why = backend == best ? (open.Length == 1 ? "taken: the only one of its priority that may be called" : $"taken by {policy.Name}")
                    : Obstacle(backend, context) is { } obstacle ? $"not taken: {obstacle}"
                    : best is null ? "not taken: a better priority serves"
                    : $"not taken: {best.Provider.Name} comes first";
                verdicts.Add(new BackendVerdict(backend, score, backend == best, score is null ? why : $"{policy.Describe(open, backend, context)}; {why}"));
            }
            found |= best is not null;
        }
        return verdicts;
    }

    /// <summary>Puts into the trace what <see cref="Pick"/> chose from and by what. Makes no text of its own.</summary>
    public static void Note(CallTrace? trace, IRoutingPolicy policy, Backend[] backends, IReadOnlyList<Backend> tried, Backend taken, in RoutingContext context)
    {
        if (trace is null)
        {
            return;
        }
        trace.Policy = policy.Name;
        foreach (Backend backend in backends)
        {
            string? obstacle = backend == taken ? null
                : Contains(tried, backend) ? "it has failed this request"
                : Obstacle(backend, context) ?? (backend.Priority > taken.Priority ? "a better priority serves" : null);
            double? score = obstacle is null ? policy.Score(backends, backend, context) : null;
            trace.Add(new CandidateRecord(backend.Provider.Name, backend.Id, score, obstacle, backend == taken));
        }
    }

    /// <summary>Why no call may go there now; null when one may.</summary>
    public static string? Obstacle(Backend backend, in RoutingContext context) =>
        backend.IsDraining ? "it is being drained"
        : backend.Provider.State.Check.IsDown ? "its health check fails"
        : !backend.State.Breaker.MayEnter(context.NowMs) ? "its circuit is open"
        : IsFull(backend) ? "it has as many calls in flight as it may"
        : null;

    /// <summary>How long until a call may go to one of them again, as far as can be known; null when they are only full.</summary>
    public static TimeSpan? Wait(Backend[] backends, long nowMs, TimeSpan checkInterval)
    {
        TimeSpan? shortest = null;
        foreach (Backend backend in backends)
        {
            TimeSpan wait = backend.Provider.State.Check.IsDown || backend.IsDraining
                ? checkInterval
                : TimeSpan.FromMilliseconds(backend.State.Breaker.WaitMs(nowMs));
            if (wait > TimeSpan.Zero)
            {
                shortest = shortest is { } before && before < wait ? before : wait;
            }
            else if (IsFull(backend))
            {
                return null;
            }
        }
        return shortest;
    }

    /// <summary>It has as many calls in flight as it, or its provider, may have.</summary>
    public static bool IsFull(Backend backend) =>
        (backend.MaxConcurrency > 0 && backend.State.InFlight >= backend.MaxConcurrency)
        || (backend.Provider.MaxConcurrency > 0 && backend.Provider.State.InFlight >= backend.Provider.MaxConcurrency);

    private static bool IsOpen(Backend backend, IReadOnlyList<Backend> tried, in RoutingContext context) =>
        (tried.Count == 0 || !Contains(tried, backend)) && Obstacle(backend, context) is null;

    /// <summary>Whether it is among them, in the same role: a step may call one backend by another upstream model.</summary>
    public static bool Contains(IReadOnlyList<Backend> backends, Backend backend)
    {
        foreach (Backend other in backends)
        {
            if (other.Id == backend.Id && other.UpstreamModel == backend.UpstreamModel)
            {
                return true;
            }
        }
        return false;
    }

    private static int EndOfTier(Backend[] backends, int start)
    {
        int end = start + 1;
        while (end < backends.Length && backends[end].Priority == backends[start].Priority)
        {
            end++;
        }
        return end;
    }

    private static Backend Take(IRoutingPolicy policy, ReadOnlySpan<Backend> candidates, in RoutingContext context) =>
        candidates.Length == 1 ? candidates[0] : policy.Pick(candidates, context);

    private static Backend PickAmong(
        IRoutingPolicy policy, ReadOnlySpan<Backend> tier, int count, IReadOnlyList<Backend> tried, in RoutingContext context)
    {
        Backend[] open = Open(tier, tried, context);
        if (open.Length == 0)
        {
            // Its last one closed between two looks: whoever calls it will find out.
            return tier[0];
        }
        // What is just back takes part in a share of the picks that grows; alone it takes part in all.
        var full = new List<Backend>(count);
        foreach (Backend backend in open)
        {
            double share = backend.State.Breaker.Share(context.NowMs, context.Breaker);
            if (share >= 1 || context.NextDouble() < share)
            {
                full.Add(backend);
            }
        }
        return Take(policy, full.Count > 0 ? full.ToArray() : open, context);
    }

    private static Backend[] Open(ReadOnlySpan<Backend> tier, IReadOnlyList<Backend> tried, in RoutingContext context)
    {
        var open = new List<Backend>(tier.Length);
        foreach (Backend backend in tier)
        {
            if (IsOpen(backend, tried, context))
            {
                open.Add(backend);
            }
        }
        return [.. open];
    }
}

/// <summary>What the picker thinks of a backend, for a dry run.</summary>
/// <param name="Score">The policy's, lower is better; null where no call may go there now.</param>
/// <param name="Why">One sentence.</param>
public sealed record BackendVerdict(Backend Backend, double? Score, bool Taken, string Why);
