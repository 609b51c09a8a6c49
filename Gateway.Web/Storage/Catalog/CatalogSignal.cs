namespace Gateway.Web.Storage.Catalog;

/// <summary>Word of changes to the database's catalog, between whoever makes them, other nodes, and the loader. Safe for concurrent use.</summary>
internal sealed class CatalogSignal : IDisposable
{
    /// <summary>Stands for the version when something may have been missed.</summary>
    public const long Unknown = long.MaxValue;

    private readonly SemaphoreSlim _wake = new(0, 1);
    private long _toldOf;

    /// <summary>This node has changed the catalog, to the given version.</summary>
    public event Action<long>? Changed;

    public void Dispose() => _wake.Dispose();

    public void Announce(long version) => Changed?.Invoke(version);

    /// <summary>Another node has; the loader looks as soon as it can.</summary>
    public void LookNow(long version)
    {
        Volatile.Write(ref _toldOf, version);
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is about to look anyway.
        }
    }

    /// <summary>Until there is word of a version beyond <paramref name="known"/>, or the time is up.</summary>
    public async Task WaitAsync(long known, TimeSpan interval, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        TimeSpan left = interval;
        // The node that made a change hears of it, too, and knows it already.
        while (left > TimeSpan.Zero && await _wake.WaitAsync(left, cancellationToken) && Volatile.Read(ref _toldOf) <= known)
        {
            left = interval - time.GetElapsedTime(start);
        }
    }
}
