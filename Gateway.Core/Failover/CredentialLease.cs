using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>A credential while one call uses it; give it back with <see cref="Return"/>, once. Empty where a provider needs none.</summary>
internal readonly struct CredentialLease(PooledCredential? credential, Backend backend, long startedMs, long tokens)
{
    // Long enough not to hammer an account that is locked, short enough that a mended one comes back by itself.
    private static readonly TimeSpan FirstRefusalPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestRefusalPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstLimitPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLimitPause = TimeSpan.FromSeconds(60);

    // Whoever asks for more is either wrong or speaks of a quota; asking again once an hour harms nobody.
    private static readonly TimeSpan LongestAskedPause = TimeSpan.FromHours(1);

    public CredentialDefinition? Definition => credential?.Definition;

    /// <summary>Ends the call: what it reserved gives way to what it used, and a refusal sets the credential aside.</summary>
    /// <param name="error">Null when the call went well.</param>
    /// <param name="status">The upstream's status, if there was an answer.</param>
    /// <param name="usedTokens">What the call cost, reported or estimated.</param>
    public void Return(long nowMs, GatewayError? error, int? status, long usedTokens)
    {
        if (credential is null)
        {
            return;
        }
        CredentialState state = credential.State;
        state.End(tokens);
        if (credential.IsLimited)
        {
            state.Window.Settle(nowMs, credential.Definition.TpmLimit is null ? 0 : tokens, usedTokens);
        }
        switch (error?.Kind)
        {
            case null:
                state.Clear(backend.UpstreamModel, startedMs);
                break;
            // 403 may be about this model only, or about what was asked: one alone keeps nobody from asking, but for the next key's turn.
            case GatewayErrorKind.UpstreamAuthentication when status == 403:
                TimeSpan once = backend.Provider.Pool.Length > 1 ? FirstLimitPause : TimeSpan.Zero;
                state.Put(backend.UpstreamModel, error.Kind, startedMs, nowMs, FirstRefusalPause, LongestRefusalPause, once);
                break;
            // 401 and an empty account are about the key.
            case GatewayErrorKind.UpstreamAuthentication or GatewayErrorKind.UpstreamQuotaExhausted:
                state.Put(null, error.Kind, startedMs, nowMs, FirstRefusalPause, LongestRefusalPause);
                break;
            case GatewayErrorKind.UpstreamRateLimited when error.RetryAfter is not null:
                TimeSpan pause = error.RetryAfter.Value < LongestAskedPause ? error.RetryAfter.Value : LongestAskedPause;
                state.Put(backend.UpstreamModel, error.Kind, startedMs, nowMs, pause, pause);
                break;
            // With nothing else to turn to, a pause that nobody asked for would only refuse calls that might go well.
            case GatewayErrorKind.UpstreamRateLimited when backend.Provider.Pool.Length > 1:
                state.Put(backend.UpstreamModel, error.Kind, startedMs, nowMs, FirstLimitPause, LongestLimitPause);
                break;
        }
    }
}
