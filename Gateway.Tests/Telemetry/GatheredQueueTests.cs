using System.Collections.Concurrent;
using Gateway.Core.Telemetry;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

public class GatheredQueueTests
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentQueue<int> _read = [];
    private int _dropped;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_FromManySidesWithPauses_EachIsReadOnceAndTheReaderNeverSleepsOn()
    {
        const int Writers = 4;
        const int Each = 3_000;
        GatheredQueue<int> queue = New(Writers * Each);
        Task reading = ReadAsync(queue);

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(
            async () =>
            {
                var random = new Random(w);
                for (int i = 0; i < Each; i++)
                {
                    queue.Add((w * Each) + i);
                    if (random.Next(50) == 0)
                    {
                        // Long enough for the reader to fall asleep, or nearly.
                        await Task.Delay(random.Next(4), Cancel);
                    }
                }
            },
            Cancel)));

        // Before the end is said, which wakes it in any case.
        await Eventually.TrueAsync(() => _read.Count == Writers * Each);
        queue.TryEnd().ShouldBeTrue();
        await reading.WaitAsync(Eventually.Limit, Cancel);
        _read.Order().ShouldBe(Enumerable.Range(0, Writers * Each));
        _dropped.ShouldBe(0);
    }

    [Fact]
    public async Task End_OfAnEmptyQueue_EndsTheReaderWhoSleeps()
    {
        GatheredQueue<int> queue = New(1);
        Task reading = ReadAsync(queue);
        queue.Add(1);
        await Eventually.TrueAsync(() => _read.Count == 1);
        await Task.Delay(Gathering * 20, Cancel);

        queue.TryEnd().ShouldBeTrue();

        await reading.WaitAsync(Eventually.Limit, Cancel);
        queue.TryEnd().ShouldBeFalse();
    }

    [Fact]
    public async Task Full_DropsWhatComesAndGivesOutWhatWasThere()
    {
        GatheredQueue<int> queue = New(2);
        queue.Add(1);
        queue.Add(2);
        queue.Add(3);
        queue.TryEnd();
        queue.Add(4);

        await ReadAsync(queue);

        _read.ShouldBe([1, 2]);
        _dropped.ShouldBe(1);
    }

    private GatheredQueue<int> New(int capacity) => new(capacity, Gathering, () => Interlocked.Increment(ref _dropped));

    private Task ReadAsync(GatheredQueue<int> queue) => Task.Factory.StartNew(
        () =>
        {
            while (queue.WaitToRead())
            {
                while (queue.TryRead(out int entry))
                {
                    _read.Enqueue(entry);
                }
            }
        },
        Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
