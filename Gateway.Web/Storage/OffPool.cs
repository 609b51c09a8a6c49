using Gateway.Core;

namespace Gateway.Web.Storage;

/// <summary>SQLite does its work, and waits for its lock for seconds, on the caller's thread: where that is the pool's, it gets an <see cref="OwnThread"/>.</summary>
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
            return OwnThread.Run("SQLite", work);
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
