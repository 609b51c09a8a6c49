using System.Collections.Concurrent;

namespace Gateway.Web.Storage;

/// <summary>
/// Work that would hold a thread of the pool, which serves the calls, for milliseconds and more: where the caller is on one, it gets another thread.
/// SQLite's commands are, which wait for its lock on the caller's thread, and the making of a catalog of ten thousand keys.
/// </summary>
/// <remarks>
/// There are as many threads as such work at once, and each is used again while there is more: one that ends leaves behind what the runtime's shared
/// buffers and the system's allocator keep for a thread.
/// </remarks>
internal static class OffPool
{
    // Between two looks for a change of the catalog, and some.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly BlockingCollection<(string Name, Action Work)> Waiting = [];

    // Threads that wait, less those that somebody counts on: never below zero.
    private static int Idle;

    /// <summary>Threads that are not the pool's block themselves.</summary>
    /// <param name="name">What the system shows meanwhile; Linux cuts it after fifteen bytes.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Only before it begins.</param>
    public static Task<T> RunAsync<T>(string name, Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }
        if (!Thread.CurrentThread.IsThreadPoolThread)
        {
            return Here(work);
        }
        // Who awaits it goes on in that thread, and finds it at the next thing that blocks.
        var done = new TaskCompletionSource<T>();
        Start(name, () =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    private static Task<T> Here<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }

    private static void Start(string name, Action work)
    {
        if (TryClaimIdle())
        {
            Waiting.Add((name, work));
            return;
        }
        // Without the caller's context, which would be that of all who come later.
        new Thread(() => RunAll(name, work)) { IsBackground = true }.UnsafeStart();
    }

    private static void RunAll(string name, Action work)
    {
        (string Name, Action Work) next = (name, work);
        while (true)
        {
            Thread.CurrentThread.Name = next.Name;
            next.Work();
            next = default;
            Interlocked.Increment(ref Idle);
            if (!Waiting.TryTake(out next, Patience))
            {
                if (TryClaimIdle())
                {
                    return;
                }
                // Somebody counts on this thread, or on another that was quicker: his work is there, or about to be.
                next = Waiting.Take();
            }
        }
    }

    private static bool TryClaimIdle()
    {
        int idle = Volatile.Read(ref Idle);
        while (idle > 0)
        {
            int seen = Interlocked.CompareExchange(ref Idle, idle - 1, idle);
            if (seen == idle)
            {
                return true;
            }
            idle = seen;
        }
        return false;
    }
}
