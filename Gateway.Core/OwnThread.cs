namespace Gateway.Core;

/// <summary>
/// Runs what blocks, or goes on for as long as the process does, on a thread of its own. The pool has a thread for a processor and is slow to add
/// one, and all of them are needed for the calls through the gateway.
/// </summary>
public static class OwnThread
{
    /// <summary>Starts a thread, which keeps no process alive; the task is done when <paramref name="work"/> is, or failed as it did.</summary>
    /// <param name="name">What the system shows; Linux cuts it after fifteen bytes.</param>
    /// <param name="work">What to do there.</param>
    public static Task Run(string name, Action work) => Run(name, () =>
    {
        work();
        return true;
    });

    /// <summary>Does something that blocks again and again, until it is told to stop; the first time after an interval.</summary>
    public static Task Every(string name, TimeSpan interval, TimeProvider time, Action work, CancellationToken stopping) => Run(name, () =>
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (timer.WaitForNextTickAsync(stopping).AsTask().GetAwaiter().GetResult())
            {
                work();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop.
        }
    });

    /// <inheritdoc cref="Run(string, Action)"/>
    public static Task<T> Run<T>(string name, Func<T> work)
    {
        // Who awaits it goes on in that thread, and finds it at the next thing that blocks.
        var done = new TaskCompletionSource<T>();
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return done.Task;
    }
}
