using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>How a credential stands on this node: for the console, the admin API and users of the library. Holds no secret.</summary>
/// <param name="Available">It can be used now, for some models at least.</param>
/// <param name="InFlight">Calls that use it at the moment.</param>
/// <param name="TokensInFlight">What they are estimated to cost.</param>
/// <param name="RequestsLeft">Requests that still fit this minute; null where there is no limit. Likewise <paramref name="TokensLeft"/>.</param>
/// <param name="Reason">What keeps it from being used: the kind of the upstream's refusal, or <c>limit</c>; null if nothing does.</param>
/// <param name="Model">The upstream model that the reason is about; null for all.</param>
/// <param name="Until">When it is used again.</param>
public sealed record CredentialStatus(
    string Id,
    string Label,
    bool Available,
    int InFlight,
    long TokensInFlight,
    int? RpmLimit,
    int? TpmLimit,
    long? RequestsLeft,
    long? TokensLeft,
    string? Reason,
    string? Model,
    DateTimeOffset? Until)
{
    /// <summary>All of a provider's credentials, in order.</summary>
    public static IReadOnlyList<CredentialStatus> Of(Provider provider, TimeProvider time) =>
        [.. provider.Pool.Select(c => Of(c, (long)time.GetElapsedTime(0).TotalMilliseconds, time.GetUtcNow()))];

    private static CredentialStatus Of(PooledCredential credential, long nowMs, DateTimeOffset now)
    {
        (CredentialDefinition definition, CredentialState state) = credential;
        (int rpm, int tpm) = (definition.RpmLimit ?? 0, definition.TpmLimit ?? 0);
        // A refusal of the whole credential says more than one about a single model.
        SetAside? aside = state.FindSetAside(null, nowMs) ?? state.AllSetAside(nowMs).MaxBy(a => a.UntilMs);
        long wait = credential.IsLimited ? state.Window.WaitMs(nowMs, rpm, tpm, Math.Min(tpm, 1)) : 0;
        var window = credential.IsLimited ? state.Window.Peek(nowMs, rpm, tpm) : default;
        return new CredentialStatus(
            definition.Id,
            definition.Label,
            wait == 0 && (aside is null || aside.Model is not null),
            state.InFlight,
            state.TokensInFlight,
            definition.RpmLimit,
            definition.TpmLimit,
            rpm == 0 ? null : window.RemainingRequests,
            tpm == 0 ? null : window.RemainingTokens,
            aside?.Reason.ToName() ?? (wait > 0 ? "limit" : null),
            aside?.Model,
            aside is not null ? now.AddMilliseconds(aside.UntilMs - nowMs) : wait > 0 ? now.AddMilliseconds(wait) : null);
    }
}
