using Gateway.Core.Catalog;
using Gateway.Core.Limits;

namespace Gateway.Core.Failover;

/// <summary>
/// Chooses among a provider's credentials: of those that are not set aside and are within their limits, the one with the
/// fewest calls in flight; of equals, each in its turn. Limits are exact however many calls come at once.
/// </summary>
internal static class CredentialPool
{
    // Timers may fire a little early; a credential is not withheld for the rest of a pause that was waited for.
    private const int SlackMs = 5;
    private const int StackLimit = 64;

    /// <summary>Takes a credential for one call, or says why none is to be had and when one will be.</summary>
    /// <param name="tokens">What the call is estimated to cost; counts against tokens a minute until it is settled.</param>
    public static GatewayError? TryTake(Backend backend, long nowMs, long tokens, out CredentialLease lease)
    {
        PooledCredential[] pool = backend.Provider.Pool;
        lease = default;
        if (pool.Length == 0)
        {
            return null;
        }
        Span<bool> passed = pool.Length <= StackLimit ? stackalloc bool[pool.Length] : new bool[pool.Length];
        uint first = pool.Length == 1 ? 0 : (uint)Interlocked.Increment(ref backend.Provider.State.Rotation);
        while (LeastLoaded(backend, nowMs, first, passed) is { } index)
        {
            PooledCredential credential = pool[index];
            if (!credential.IsLimited || Admit(credential, nowMs, tokens).Admitted)
            {
                credential.State.Begin(tokens);
                lease = new CredentialLease(credential, backend, nowMs, tokens);
                return null;
            }
            passed[index] = true;
        }
        return Exhausted(backend, nowMs, tokens);
    }

    /// <summary>
    /// Takes the credential that <paramref name="keeper"/> names, since another account does not know what that one keeps. Any will do
    /// where it is gone, or the upstream refuses it: it may be another key of the same account.
    /// </summary>
    public static GatewayError? TryTakeKeeper(Backend backend, string keeper, long nowMs, long tokens, out CredentialLease lease)
    {
        PooledCredential? own = Array.Find(backend.Provider.Pool, c => c.Definition.Id == keeper);
        if (own?.State.FindSetAside(backend.UpstreamModel, nowMs + SlackMs)?.Reason is GatewayErrorKind.UpstreamAuthentication or GatewayErrorKind.UpstreamQuotaExhausted || own is null)
        {
            return TryTake(backend, nowMs, tokens, out lease);
        }
        lease = default;
        long wait = WaitMs(own, backend.UpstreamModel, nowMs, tokens);
        if (wait > 0 || (own.IsLimited && !Admit(own, nowMs, tokens).Admitted))
        {
            return new GatewayError(
                GatewayErrorKind.UpstreamRateLimited, $"The gateway's credential at the provider {backend.Provider.Name} that this was made with is at its limit. Try again later.",
                RetryAfter: TimeSpan.FromMilliseconds(Math.Max(wait, 1)));
        }
        own.State.Begin(tokens);
        lease = new CredentialLease(own, backend, nowMs, tokens);
        return null;
    }

    /// <summary>Whether a call now would get a credential; another call may still be quicker.</summary>
    public static bool IsAvailable(Backend backend, long nowMs, long tokens)
    {
        foreach (PooledCredential credential in backend.Provider.Pool)
        {
            if (WaitMs(credential, backend.UpstreamModel, nowMs, tokens) == 0)
            {
                return true;
            }
        }
        return backend.Provider.Pool.Length == 0;
    }

    /// <summary>Why no credential can be used: the most hopeful reason, and the shortest wait.</summary>
    public static GatewayError Exhausted(Backend backend, long nowMs, long tokens)
    {
        long wait = long.MaxValue;
        bool limited = false;
        bool quota = false;
        foreach (PooledCredential credential in backend.Provider.Pool)
        {
            GatewayErrorKind reason = credential.State.FindSetAside(backend.UpstreamModel, nowMs + SlackMs)?.Reason ?? GatewayErrorKind.UpstreamRateLimited;
            limited |= reason == GatewayErrorKind.UpstreamRateLimited;
            quota |= reason == GatewayErrorKind.UpstreamQuotaExhausted;
            wait = Math.Min(wait, WaitMs(credential, backend.UpstreamModel, nowMs, tokens));
        }
        string name = backend.Provider.Name;
        TimeSpan retryAfter = TimeSpan.FromMilliseconds(Math.Max(wait, 1));
        return limited
            ? new GatewayError(GatewayErrorKind.UpstreamRateLimited, $"The gateway's credentials for the provider {name} are all at their limits. Try again later.", RetryAfter: retryAfter)
            : quota
            ? new GatewayError(GatewayErrorKind.UpstreamQuotaExhausted, $"The accounts at the provider {name} are out of funds or quota.", RetryAfter: retryAfter)
            : new GatewayError(GatewayErrorKind.UpstreamAuthentication, $"The provider {name} refused all of the gateway's credentials. Ask your platform team to check them.");
    }

    private static LimitDecision Admit(PooledCredential credential, long nowMs, long tokens)
    {
        (int rpm, int tpm) = (credential.Definition.RpmLimit ?? 0, credential.Definition.TpmLimit ?? 0);
        return credential.State.Window.TryAdmit(nowMs, rpm, tpm, tpm == 0 ? 0 : tokens);
    }

    private static int? LeastLoaded(Backend backend, long nowMs, uint first, ReadOnlySpan<bool> passed)
    {
        PooledCredential[] pool = backend.Provider.Pool;
        int? best = null;
        int least = int.MaxValue;
        for (uint i = 0; i < pool.Length; i++)
        {
            int index = (int)((first + i) % (uint)pool.Length);
            CredentialState state = pool[index].State;
            if (!passed[index] && state.InFlight < least && state.FindSetAside(backend.UpstreamModel, nowMs + SlackMs) is null)
            {
                (best, least) = (index, state.InFlight);
            }
        }
        return best;
    }

    /// <summary>Until this credential can be used; 0 is now.</summary>
    private static long WaitMs(PooledCredential credential, string model, long nowMs, long tokens)
    {
        long wait = credential.State.FindSetAside(model, nowMs + SlackMs) is { } aside ? aside.UntilMs - nowMs : 0;
        return credential.IsLimited ? Math.Max(wait, WindowWaitMs(credential, nowMs, tokens)) : wait;
    }

    private static long WindowWaitMs(PooledCredential credential, long nowMs, long tokens)
    {
        (int rpm, int tpm) = (credential.Definition.RpmLimit ?? 0, credential.Definition.TpmLimit ?? 0);
        return credential.State.Window.WaitMs(nowMs, rpm, tpm, tpm == 0 ? 0 : tokens);
    }
}
