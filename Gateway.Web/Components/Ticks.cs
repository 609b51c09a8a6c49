namespace Gateway.Web.Components;

/// <summary>Does something again and again while a page is open; the first time after a pause.</summary>
internal sealed class Ticks : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _ticking;

    private Ticks(TimeProvider time, TimeSpan every, ILogger logger, Func<Task> onTick) => _ticking = RunAsync(time, every, new Repeated(logger), onTick);

    /// <param name="onTick">Never called twice at a time; a page enters its renderer in it.</param>
    public static Ticks Start(TimeProvider time, TimeSpan every, ILogger logger, Func<Task> onTick) => new(time, every, logger, onTick);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ticking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(TimeProvider time, TimeSpan every, Repeated tick, Func<Task> onTick)
    {
        using var timer = new PeriodicTimer(every, time);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            await tick.RunAsync(onTick, _stop.Token);
        }
    }
}
