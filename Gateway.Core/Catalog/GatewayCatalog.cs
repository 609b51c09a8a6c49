namespace Gateway.Core.Catalog;

/// <summary>
/// Holds the snapshot that requests read. A request reads <see cref="Current"/> once and keeps what it got; a change builds
/// a whole new snapshot and swaps it in, or is refused with every reason while the old one stays.
/// </summary>
public sealed class GatewayCatalog
{
    private readonly Lock _replacing = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CatalogSnapshot _current = CatalogSnapshot.Empty;

    public CatalogSnapshot Current => Volatile.Read(ref _current);

    /// <summary>
    /// Completes when every source (file and database) has been read once. Until then an unknown key or model is not yet
    /// known to be unknown: such a request waits for this.
    /// </summary>
    public Task Loaded => _loaded.Task;

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
