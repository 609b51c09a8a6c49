using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>Takes a provider's credentials in turn and sets those aside that the upstream refused.</summary>
internal static class CredentialPool
{
    // Long enough not to hammer an account that is locked, short enough that a mended one comes back by itself.
    private static readonly TimeSpan SetAside = TimeSpan.FromSeconds(60);

    /// <summary>The next credential; null when the provider needs none. False when all of them are set aside.</summary>
    public static bool TryTake(Provider provider, DateTimeOffset now, out CredentialDefinition? credential)
    {
        IReadOnlyList<CredentialDefinition> all = provider.Credentials;
        credential = null;
        if (all.Count == 0)
        {
            return true;
        }
        if (all.Count == 1 && provider.State.DeadCredentials.IsEmpty)
        {
            credential = all[0];
            return true;
        }
        uint first = (uint)Interlocked.Increment(ref provider.State.Rotation);
        for (uint i = 0; i < all.Count; i++)
        {
            CredentialDefinition candidate = all[(int)((first + i) % (uint)all.Count)];
            if (IsLive(provider, candidate, now))
            {
                credential = candidate;
                return true;
            }
        }
        return false;
    }

    public static bool HasLive(Provider provider, DateTimeOffset now) => provider.Credentials.Any(c => IsLive(provider, c, now));

    public static void MarkDead(Provider provider, CredentialDefinition credential, string reason, DateTimeOffset now) =>
        provider.State.DeadCredentials[credential.Id] = new DeadCredential(reason, now);

    public static void MarkLive(Provider provider, CredentialDefinition credential)
    {
        if (!provider.State.DeadCredentials.IsEmpty)
        {
            provider.State.DeadCredentials.TryRemove(credential.Id, out _);
        }
    }

    private static bool IsLive(Provider provider, CredentialDefinition credential, DateTimeOffset now) =>
        !provider.State.DeadCredentials.TryGetValue(credential.Id, out DeadCredential? dead) || now - dead.Since > SetAside;
}
