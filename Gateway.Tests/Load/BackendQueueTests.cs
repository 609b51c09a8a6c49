using Gateway.Core.Load;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Load;

public class BackendQueueTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task WaitAsync_WaitWouldBeTooLong_IsToldAtOnceAndWhoStoodInLineIsNot()
    {
        var queue = new BackendQueue();
        Waiter[] line = [.. Enumerable.Range(0, 30).Select(_ => new Waiter("greedy", 0))];
        Task<bool>[] waiting = [.. line.Select(w => WaitAsync(queue, w))];

        // One call a second ends.
        for (int i = 1; i <= 10; i++)
        {
            queue.Wake(i * 1000);
        }

        queue.Waiting.ShouldBe(20);
        Task<bool> hopeless = WaitAsync(queue, new Waiter("greedy", 0));
        hopeless.IsCompleted.ShouldBeTrue();
        (await hopeless).ShouldBeFalse();
        WaitAsync(queue, new Waiter("modest", 0)).IsCompleted.ShouldBeFalse();
        // Its turn had come and another was quicker: it has waited, and keeps its turn.
        (await waiting[0]).ShouldBeTrue();
        WaitAsync(queue, line[0]).IsCompleted.ShouldBeFalse();
    }

    private static Task<bool> WaitAsync(BackendQueue queue, Waiter waiter) =>
        queue.WaitAsync(waiter, most: 100, Longest, new StillTime(), TestContext.Current.CancellationToken).AsTask();

    /// <summary>However slow the machine is, nobody gives up waiting.</summary>
    private sealed class StillTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
