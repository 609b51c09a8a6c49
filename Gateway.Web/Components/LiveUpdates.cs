using Gateway.Core.Accounting;
using Gateway.Core.Live;

namespace Gateway.Web.Components;

/// <summary>Reads the live feed for one page, and hands on what came in bundles: the first at once, then at most two a second.</summary>
internal sealed class LiveUpdates : IAsyncDisposable
{
    /// <summary>Between two bundles.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly LiveFeed.Watcher _watcher;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    private LiveUpdates(LiveFeed.Watcher watcher, TimeProvider time, ILogger logger, Func<IReadOnlyList<UsageRecord>, Task> onRecords)
    {
        _watcher = watcher;
        _reading = ReadAsync(time, new Repeated(logger), onRecords);
    }

    /// <summary>How many calls were not handed on since the start, for more came than a page takes.</summary>
    public long Dropped => _watcher.Dropped;

    /// <param name="onRecords">Called from a task of its own, never twice at a time; a page enters its renderer in it.</param>
    public static LiveUpdates Start(LiveFeed feed, TimeProvider time, ILogger logger, Func<IReadOnlyList<UsageRecord>, Task> onRecords) =>
        new(feed.Watch(), time, logger, onRecords);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _watcher.Dispose();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ReadAsync(TimeProvider time, Repeated update, Func<IReadOnlyList<UsageRecord>, Task> onRecords)
    {
        // Leave the caller's renderer: its queue must not be held by this loop.
        await Task.Yield();
        while (await _watcher.Records.WaitToReadAsync(_stop.Token))
        {
            var bundle = new List<UsageRecord>();
            while (_watcher.Records.TryRead(out UsageRecord? record))
            {
                bundle.Add(record);
            }
            await update.RunAsync(() => onRecords(bundle), _stop.Token);
            await Task.Delay(Pause, time, _stop.Token);
        }
    }
}
