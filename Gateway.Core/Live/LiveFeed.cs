using System.Collections.Immutable;
using System.Threading.Channels;
using Gateway.Core.Accounting;

namespace Gateway.Core.Live;

/// <summary>
/// Hands finished calls to whoever watches: pages, mostly. Publishing never waits: a watcher that does not keep up loses
/// the oldest entries and is told how many.
/// </summary>
public sealed class LiveFeed
{
    private const int WatcherCapacity = 1000;

    private ImmutableArray<Watcher> _watchers = [];

    /// <summary>Called from one thread at a time (the usage sink).</summary>
    public void Publish(UsageRecord record)
    {
        foreach (Watcher watcher in _watchers)
        {
            watcher.Offer(record);
        }
    }

    /// <summary>Starts watching; dispose the watcher to stop.</summary>
    public Watcher Watch()
    {
        var watcher = new Watcher(this);
        ImmutableInterlocked.Update(ref _watchers, static (all, added) => all.Add(added), watcher);
        return watcher;
    }

    private void Remove(Watcher watcher) =>
        ImmutableInterlocked.Update(ref _watchers, static (all, gone) => all.Remove(gone), watcher);

    /// <summary>One reader of the feed.</summary>
    public sealed class Watcher : IDisposable
    {
        private readonly LiveFeed _feed;
        private readonly Channel<UsageRecord> _records;
        private long _dropped;

        internal Watcher(LiveFeed feed)
        {
            _feed = feed;
            _records = Channel.CreateBounded<UsageRecord>(
                new BoundedChannelOptions(WatcherCapacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
                _ => Interlocked.Increment(ref _dropped));
        }

        public ChannelReader<UsageRecord> Records => _records.Reader;

        /// <summary>Records this watcher was too slow for.</summary>
        public long Dropped => Interlocked.Read(ref _dropped);

        internal void Offer(UsageRecord record) => _records.Writer.TryWrite(record);

        public void Dispose()
        {
            _feed.Remove(this);
            _records.Writer.TryComplete();
        }
    }
}
