namespace Gateway.Core.Catalog;

/// <summary>
/// Holds the snapshot that requests read. A request reads <see cref="Current"/> once and keeps what it got; a change builds
/// a whole new snapshot and swaps it in, or is refused with every reason while the old one stays.
/// </summary>
public sealed class GatewayCatalog
{
    private readonly Lock _replacing = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static readonly TimeSpan LoadWait = TimeSpan.FromSeconds(5);
    private CatalogSnapshot _current = CatalogSnapshot.Empty;

    public CatalogSnapshot Current => Volatile.Read(ref _current);

    /// <summary>
    /// Completes when every source (file and database) has been read once. Until then an unknown key or model is not yet
    /// known to be unknown: such a request waits for this, in <see cref="WaitLoadedAsync"/>.
    /// </summary>
    public Task Loaded => _loaded.Task;

    /// <summary>Waits for <see cref="Loaded"/>, but not long: a database that is away may stay away.</summary>
    /// <returns>Null when everything is loaded; else what to tell a client whose key or model is not among what is.</returns>
    public async ValueTask<GatewayError?> WaitLoadedAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Loaded.WaitAsync(LoadWait, time, cancellationToken);
            return null;
        }
        catch (TimeoutException)
        {
            return new GatewayError(
                GatewayErrorKind.Starting,
                "The gateway is starting and has not read its keys and models from the database yet. Try again in a few seconds.",
                RetryAfter: LoadWait);
        }
    }

    /// <summary>Raised after each swap, on the thread that made it.</summary>
    public event Action? Changed;

    /// <summary>Checks and swaps in <paramref name="definition"/>.</summary>
    /// <returns>Everything that is wrong with it; empty when it is now in force.</returns>
    public IReadOnlyList<CatalogError> Replace(CatalogDefinition definition)
    {
        lock (_replacing)
        {
            IReadOnlyList<CatalogError> errors = CatalogSnapshot.Build(definition, _current, out CatalogSnapshot? next);
            if (next is null)
            {
                return errors;
            }
            Volatile.Write(ref _current, next);
        }
        Changed?.Invoke();
        return [];
    }

    public void MarkLoaded() => _loaded.TrySetResult();
}

/// <summary>One thing that is wrong with a catalog.</summary>
/// <param name="Path">Where, for example <c>models[gpt-4o].backends[0].url</c>.</param>
/// <param name="Message">What, and what would be right.</param>
public sealed record CatalogError(string Path, string Message);
