using Gateway.Core.Accounting;
using Gateway.Core.Live;
using Gateway.Tests.Cluster;
using Gateway.Web.Components;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

/// <summary>What a page does again and again does not end with one time that throws.</summary>
public class RepeatedUpdatesTests
{
    private readonly LogLines<RepeatedUpdatesTests> _log = new();
    private int _updates;

    [Fact]
    public async Task LiveUpdates_OneThrows_ThoseAfterItCome()
    {
        var feed = new LiveFeed();
        await using var updates = LiveUpdates.Start(feed, TimeProvider.System, _log, _ => FailAsync());
        for (int i = 1; i <= 3; i++)
        {
            feed.Publish(new UsageRecord { Path = "/v1/chat/completions" });
            await Eventually.TrueAsync(() => Volatile.Read(ref _updates) == i);
        }
        _log.Lines.ShouldHaveSingleItem().ShouldStartWith("A page of the console could not be brought up to date");
    }

    [Fact]
    public async Task Ticks_OneThrows_ThoseAfterItCome()
    {
        var time = new HandTime(TimeSpan.FromMinutes(1));
        await using var ticks = Ticks.Start(time, TimeSpan.FromMinutes(1), _log, FailAsync);
        for (int i = 1; i <= 3; i++)
        {
            time.Tick();
            await Eventually.TrueAsync(() => Volatile.Read(ref _updates) == i);
        }
        _log.Lines.ShouldHaveSingleItem();
    }

    // The first throws before there is a task, the others give a failed one.
    private Task FailAsync() => Interlocked.Increment(ref _updates) == 1 ? throw new InvalidOperationException() : Task.FromException(new InvalidOperationException());
}
