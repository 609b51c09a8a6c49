using System.Collections.Concurrent;
using Gateway.Core.Catalog;

namespace Gateway.Providers.Http.Tokens;

/// <summary>
/// Bearer tokens by provider and credential. One fetch at a time for each; a token is replaced ahead of its end while calls go on
/// with the old one; a call waits only where there is no token at all. A call that is cancelled does not cancel the fetch that
/// others wait for. Safe for concurrent use.
/// </summary>
internal sealed class TokenCache(TimeProvider time)
{
    private const int MostEntries = 1000;

    /// <summary>Longest fetch.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Key, Entry> _entries = new();

    /// <summary>The token to use now.</summary>
    /// <param name="fetch">Gets a new one; called from a task of its own, never twice at a time for the same key.</param>
    /// <exception cref="HttpRequestException">There is none, and none could be had; the message is safe to show to operators.</exception>
    public ValueTask<string> GetAsync(
        Provider provider, CredentialDefinition? credential, Func<CancellationToken, Task<AccessToken>> fetch, CancellationToken cancellation)
    {
        if (_entries.Count > MostEntries)
        {
            // Credentials and settings that were replaced leave theirs behind.
            _entries.Clear();
        }
        Entry entry = _entries.GetOrAdd(new Key(provider.Id, provider.ClientVersion, credential), static (_, time) => new Entry(time), time);
        return entry.GetAsync(fetch, cancellation);
    }

    private readonly record struct Key(string Provider, string Version, CredentialDefinition? Credential);

    private sealed class Entry(TimeProvider time)
    {
        private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(30);
        private static readonly TimeSpan LastMoment = TimeSpan.FromSeconds(10);

        private readonly Lock _gate = new();
        private AccessToken? _token;
        private DateTimeOffset _renewAt;
        private Task<AccessToken>? _fetching;

        public ValueTask<string> GetAsync(Func<CancellationToken, Task<AccessToken>> fetch, CancellationToken cancellation)
        {
            Task<AccessToken> fetching;
            lock (_gate)
            {
                DateTimeOffset now = time.GetUtcNow();
                bool usable = _token is not null && now < _token.ExpiresAt - LastMoment;
                if (usable && now < _renewAt)
                {
                    return new ValueTask<string>(_token!.Value);
                }
                fetching = _fetching ??= RunAsync(fetch);
                if (usable)
                {
                    return new ValueTask<string>(_token!.Value);
                }
            }
            return WaitAsync(fetching, cancellation);
        }

        private static async ValueTask<string> WaitAsync(Task<AccessToken> fetching, CancellationToken cancellation) =>
            (await fetching.WaitAsync(cancellation)).Value;

        private async Task<AccessToken> RunAsync(Func<CancellationToken, Task<AccessToken>> fetch)
        {
            // Leave the lock before anything is done.
            await Task.Yield();
            try
            {
                using var limit = new CancellationTokenSource(Patience, time);
                AccessToken token = await fetch(limit.Token);
                lock (_gate)
                {
                    _token = token;
                    // At four fifths of its life.
                    DateTimeOffset now = time.GetUtcNow();
                    _renewAt = now + ((token.ExpiresAt - now) * 0.8);
                }
                return token;
            }
            catch (OperationCanceledException)
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, $"The token endpoint did not answer within {Patience.TotalSeconds:0} seconds.");
            }
            finally
            {
                lock (_gate)
                {
                    _fetching = null;
                    DateTimeOffset soon = time.GetUtcNow() + RetryPause;
                    // After a failure ahead of time, the old token goes on and the next try waits a little.
                    _renewAt = _renewAt > soon ? _renewAt : soon;
                }
            }
        }
    }
}
