namespace Gateway.Web.Components;

/// <summary>Does something again and again while a page is open; the first time after a pause.</summary>
internal sealed class Ticks : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _ticking;

    private Ticks(TimeProvider time, TimeSpan every, Func<Task> onTick) => _ticking = RunAsync(time, every, onTick);

    /// <param name="onTick">Never called twice at a time; a page enters its renderer in it.</param>
    public static Ticks Start(TimeProvider time, TimeSpan every, Func<Task> onTick) => new(time, every, onTick);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ticking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(TimeProvider time, TimeSpan every, Func<Task> onTick)
    {
        using var timer = new PeriodicTimer(every, time);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            // Disposal waits for this loop, and the renderer may be waiting for disposal: do not wait for it beyond that.
            await onTick().WaitAsync(_stop.Token);
        }
    }
}
