using Gateway.Core.Load;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Load;

public class GateTests
{
    private static readonly LoadSettings Settings = new() { QueueLength = 100, QueueTimeout = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task EnterAsync_CallersTakeTurns_OneWhoSendsManyDoesNotKeepOutOneWhoSendsOne()
    {
        var gate = new Gate();
        (await Enter(gate, "x")).ShouldBeTrue();
        var order = new List<string>();
        Task[] greedy = [.. Enumerable.Range(0, 10).Select(_ => Then(Enter(gate, "greedy"), "greedy"))];
        Task[] modest = [.. Enumerable.Range(0, 2).Select(_ => Then(Enter(gate, "modest"), "modest"))];
        gate.Waiting.ShouldBe(12);

        for (int i = 0; i < 12; i++)
        {
            int before = order.Count;
            gate.Leave(1, 1);
            await Eventually.TrueAsync(() => Count() == before + 1);
        }

        await Task.WhenAll([.. greedy, .. modest]);
        order.Take(4).ShouldBe(["greedy", "modest", "greedy", "modest"]);

        int Count()
        {
            lock (order)
            {
                return order.Count;
            }
        }

        async Task Then(Task<bool> entering, string name)
        {
            (await entering).ShouldBeTrue();
            lock (order)
            {
                order.Add(name);
            }
        }
    }

    [Fact]
    public async Task EnterAsync_BetterPriority_GoesFirst()
    {
        var gate = new Gate();
        await Enter(gate, "x");
        Task<bool> later = Enter(gate, "a", priority: 5);
        Task<bool> sooner = Enter(gate, "b", priority: 1);

        gate.Leave(1, 1);

        (await sooner).ShouldBeTrue();
        later.IsCompleted.ShouldBeFalse();
        gate.Leave(1, 2);
        (await later).ShouldBeTrue();
    }

    [Fact]
    public async Task EnterAsync_WaitWouldBeTooLong_IsToldAtOnceAndWhoSendsLittleIsNot()
    {
        var gate = new Gate();
        LoadSettings settings = new() { QueueLength = 100, QueueTimeout = TimeSpan.FromSeconds(10) };
        (await Enter("x")).ShouldBeTrue();
        Task<bool>[] greedy = [.. Enumerable.Range(0, 20).Select(_ => Enter("greedy"))];

        // One place a second: who is eighth in the line or later may well wait for nothing.
        for (int i = 1; i <= 60; i++)
        {
            gate.Leave(1, i * 1000);
            if (gate.Waiting < 12)
            {
                _ = Enter("greedy");
            }
        }
        int waiting = gate.Waiting;
        // Answered without a wait: before anybody else could have been called.
        Task<bool> hopeless = Enter("greedy");
        hopeless.IsCompleted.ShouldBeTrue();
        (await hopeless).ShouldBeFalse();
        Task<bool> modest = Enter("modest");

        waiting.ShouldBeInRange(6, 11);
        modest.IsCompleted.ShouldBeFalse();
        gate.Leave(1, 61_000);
        gate.Leave(1, 62_000);
        (await modest).ShouldBeTrue();
        (await greedy[0]).ShouldBeTrue();

        Task<bool> Enter(string caller) => gate.EnterAsync(1, settings, caller, 0, TimeProvider.System, CancellationToken.None, TestContext.Current.CancellationToken).AsTask();
    }

    [Fact]
    public void EnterAsync_CallsThatEndTogether_AreNotTakenForAFasterPace()
    {
        const int Places = 20;
        var gate = new Gate();
        LoadSettings settings = new() { QueueLength = 1000, QueueTimeout = TimeSpan.FromSeconds(10) };
        for (int i = 0; i < Places * 3; i++)
        {
            _ = Enter();
        }

        // Twenty at once, every five seconds.
        for (int burst = 1; burst <= 5; burst++)
        {
            for (int i = 0; i < Places; i++)
            {
                gate.Leave(Places, burst * 5000);
                _ = Enter();
            }
        }

        for (int i = 0; i < Places * 10; i++)
        {
            _ = Enter();
        }
        // Three quarters of what comes free in ten seconds.
        gate.Waiting.ShouldBeInRange(20, 40);

        Task<bool> Enter() => gate.EnterAsync(Places, settings, "caller", 0, TimeProvider.System, CancellationToken.None, TestContext.Current.CancellationToken).AsTask();
    }

    [Fact]
    public async Task EnterAsync_LongLineOfALaterPriority_TurnsAwayNobodyWhoGoesBeforeIt()
    {
        var gate = new Gate();
        LoadSettings settings = new() { QueueLength = 100, QueueTimeout = TimeSpan.FromSeconds(10) };
        (await Enter("x", 0)).ShouldBeTrue();
        Task<bool>[] line = [.. Enumerable.Range(0, 30).Select(_ => Enter("greedy", 0))];
        for (int i = 1; i <= 10; i++)
        {
            gate.Leave(1, i * 1000);
        }

        (await Enter("greedy", 0)).ShouldBeFalse("or the line would not be too long");
        Task<bool> urgent = Enter("greedy", -1);
        urgent.IsCompleted.ShouldBeFalse();
        gate.Leave(1, 11_000);

        (await urgent).ShouldBeTrue();
        (await line[0]).ShouldBeTrue();

        Task<bool> Enter(string caller, int priority) => gate.EnterAsync(1, settings, caller, priority, TimeProvider.System, CancellationToken.None, TestContext.Current.CancellationToken).AsTask();
    }

    [Fact]
    public async Task EnterAsync_AfterAQuietHour_LineIsNotThoughtSlow()
    {
        var gate = new Gate();
        (await Enter(gate, "x")).ShouldBeTrue();
        for (int i = 1; i <= 20; i++)
        {
            Task<bool> next = Enter(gate, "a");
            gate.Leave(1, i * 3_600_000L);
            (await next).ShouldBeTrue();
        }
        Task<bool>[] waiting = [.. Enumerable.Range(0, 50).Select(_ => Enter(gate, "a"))];

        waiting.ShouldAllBe(w => !w.IsCompleted);
    }

    [Fact]
    public async Task EnterAsync_WaitingRoomFullOrWaitTooLong_IsTurnedAway()
    {
        var gate = new Gate();
        LoadSettings tight = new() { QueueLength = 1, QueueTimeout = TimeSpan.FromMilliseconds(50) };
        await Enter(gate, "x");
        Task<bool> waiting = gate.EnterAsync(1, tight, "a", 0, TimeProvider.System, CancellationToken.None, TestContext.Current.CancellationToken).AsTask();

        (await gate.EnterAsync(1, tight, "b", 0, TimeProvider.System, CancellationToken.None, TestContext.Current.CancellationToken)).ShouldBeFalse();

        (await waiting).ShouldBeFalse();
        gate.Waiting.ShouldBe(0);
        gate.Inside.ShouldBe(1);
        gate.ExpectedWait.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task EnterAsync_ClientLeavesWhileItWaits_ItsTurnGoesToTheNext()
    {
        var gate = new Gate();
        await Enter(gate, "x");
        using var leaving = new CancellationTokenSource();
        Task<bool> first = gate.EnterAsync(1, Settings, "a", 0, TimeProvider.System, CancellationToken.None, leaving.Token).AsTask();
        Task<bool> second = Enter(gate, "a");

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        gate.Leave(1, 1);

        (await second).ShouldBeTrue();
        gate.Inside.ShouldBe(1);
    }

    [Fact]
    public async Task EnterAsync_ManyAtOnce_NeverMoreInsideThanPlaces()
    {
        var gate = new Gate();
        int most = 0;
        int inside = 0;

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            (await gate.EnterAsync(7, Settings, $"key-{i % 5}", i % 3, TimeProvider.System, CancellationToken.None, TestContext.Current.CancellationToken)).ShouldBeTrue();
            InterlockedMax(ref most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            gate.Leave(7, 1);
        })));

        most.ShouldBeLessThanOrEqualTo(7);
        gate.Inside.ShouldBe(0);
        gate.Waiting.ShouldBe(0);
    }

    private static Task<bool> Enter(Gate gate, string caller, int priority = 0) =>
        gate.EnterAsync(1, Settings, caller, priority, TimeProvider.System, CancellationToken.None, TestContext.Current.CancellationToken).AsTask();

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
