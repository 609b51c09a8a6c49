using Gateway.Core;

namespace Gateway.Web.Storage;

/// <summary>
/// Work that would hold a thread of the pool, which serves the calls, for milliseconds and more: where the caller is on one, it gets an
/// <see cref="OwnThread"/>. SQLite's commands are, which wait for its lock on the caller's thread, and the making of a catalog of ten thousand keys.
/// </summary>
internal static class OffPool
{
    /// <summary>Threads that are not the pool's block themselves.</summary>
    public static Task<T> RunAsync<T>(string name, Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }
        if (Thread.CurrentThread.IsThreadPoolThread)
        {
            return OwnThread.Run(name, work);
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
