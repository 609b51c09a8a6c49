namespace Gateway.Web.Storage;

/// <summary>
/// Runs what blocks on a thread of its own. SQLite does its work, and waits for its lock for seconds, on the caller's thread; the
/// pool has a thread for a processor and is slow to add one, and all of them are needed for the calls through the gateway.
/// </summary>
internal static class OffPool
{
    /// <summary>Threads that are not the pool's block themselves.</summary>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }
        if (Thread.CurrentThread.IsThreadPoolThread)
        {
            return Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }
}
