using Gateway.Core.Health;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Health;

public class CircuitBreakerTests
{
    private static readonly BreakerSettings Settings = BreakerSettings.Default;

    // Whoever looks once a second must not miss a circuit that opened and closed in between.
    [Fact]
    public void FlipsSince_SeveralBetweenTwoLooks_TellsEachWithItsCause()
    {
        var breaker = new CircuitBreaker();
        breaker.FlipsSince(0).ShouldBeEmpty();
        Fail(breaker, 5, 0);
        breaker.TryEnter(5_000, out BreakerTicket probe).ShouldBeTrue();
        breaker.Report(probe, CallOutcome.Alive, 5_100, Settings);

        IReadOnlyList<BreakerFlip> flips = breaker.FlipsSince(0);

        flips.Select(f => f.To).ShouldBe([BreakerState.Open, BreakerState.HalfOpen, BreakerState.Closed]);
        flips.Select(f => f.AtMs).ShouldBe([0, 5_000, 5_100]);
        flips[0].Cause.ShouldBe("5 calls in a row failed");
        breaker.FlipsSince(flips[1].Number).ShouldHaveSingleItem().ShouldBe(flips[2]);
        breaker.FlipsSince(flips[2].Number).ShouldBeEmpty();
    }

    [Fact]
    public void SetAside_ByHand_NoCheckEndsBeforeItsTime()
    {
        var breaker = new CircuitBreaker();
        breaker.SetAside(0, TimeSpan.FromSeconds(60));

        breaker.Suspect(1_000);

        breaker.TryEnter(59_999, out _).ShouldBeFalse();
        breaker.TryEnter(60_000, out BreakerTicket probe).ShouldBeTrue();
        breaker.Report(probe, CallOutcome.Alive, 60_001, Settings);
        breaker.StateAt(60_001).ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void CloseByHand_Open_LetsAllCallsThrough()
    {
        var breaker = new CircuitBreaker();
        Fail(breaker, 5, 0);

        breaker.CloseByHand(10);
        breaker.CloseByHand(11);

        breaker.StateAt(10).ShouldBe(BreakerState.Closed);
        breaker.TryEnter(10, out _).ShouldBeTrue();
        breaker.FlipsSince(1).ShouldHaveSingleItem().Cause.ShouldContain("operator");
    }

    // They waited for what is well again by now.
    [Fact]
    public void Report_OfCallsFromBeforeItOpened_DoesNotOpenItAgain()
    {
        var breaker = new CircuitBreaker();
        BreakerTicket[] slow = [.. Enumerable.Range(0, 5).Select(_ => breaker.TryEnter(0, out BreakerTicket ticket) ? ticket : default)];
        Fail(breaker, 5, 0);
        breaker.TryEnter(5_000, out BreakerTicket probe).ShouldBeTrue();
        breaker.Report(probe, CallOutcome.Alive, 5_100, Settings);

        Array.ForEach(slow, t => breaker.Report(t, CallOutcome.Failed, 6_000, Settings));

        breaker.StateAt(6_000).ShouldBe(BreakerState.Closed);
        Fail(breaker, 5, 7_000);
        breaker.StateAt(7_000).ShouldBe(BreakerState.Open, "what began since counts");
    }

    [Fact]
    public void Report_FiveFailuresInARow_Opens()
    {
        var breaker = new CircuitBreaker();
        Fail(breaker, 4, 0);
        breaker.StateAt(0).ShouldBe(BreakerState.Closed);

        Fail(breaker, 1, 0);

        breaker.StateAt(0).ShouldBe(BreakerState.Open);
        breaker.TryEnter(4_999, out _).ShouldBeFalse();
        breaker.WaitMs(1_000).ShouldBe(4_000);
    }

    [Fact]
    public void Report_HalfOfTwentyCallsFail_Opens()
    {
        var breaker = new CircuitBreaker();
        for (int i = 0; i < 9; i++)
        {
            Report(breaker, CallOutcome.Failed, i);
            Report(breaker, CallOutcome.Alive, i);
        }
        breaker.StateAt(9).ShouldBe(BreakerState.Closed);

        Report(breaker, CallOutcome.Alive, 10);
        Report(breaker, CallOutcome.Failed, 10);

        breaker.StateAt(10).ShouldBe(BreakerState.Open);
    }

    [Fact]
    public void Report_FailuresOlderThanTheWindow_DoNotCount()
    {
        var breaker = new CircuitBreaker();
        for (int i = 0; i < 9; i++)
        {
            Report(breaker, CallOutcome.Failed, 0);
            Report(breaker, CallOutcome.Alive, 0);
        }

        for (int i = 0; i < 10; i++)
        {
            Report(breaker, i == 0 ? CallOutcome.Failed : CallOutcome.Alive, 40_000);
        }

        breaker.StateAt(40_000).ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void Report_OutcomeThatSaysNothing_LeavesItClosed()
    {
        var breaker = new CircuitBreaker();

        for (int i = 0; i < 100; i++)
        {
            Report(breaker, CallOutcome.Unknown, i);
        }

        breaker.StateAt(100).ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void TryEnter_PauseOver_LetsOneProbeThroughAtATime()
    {
        var breaker = new CircuitBreaker();
        Fail(breaker, 5, 0);

        breaker.TryEnter(5_000, out BreakerTicket probe).ShouldBeTrue();
        breaker.TryEnter(5_001, out _).ShouldBeFalse();
        breaker.StateAt(5_001).ShouldBe(BreakerState.HalfOpen);

        breaker.Report(probe, CallOutcome.Alive, 5_100, Settings);
        breaker.StateAt(5_100).ShouldBe(BreakerState.Closed);
        breaker.TryEnter(5_100, out _).ShouldBeTrue();
    }

    [Fact]
    public void Report_ProbesFail_PausesGrowToHalfAMinuteAndNoLonger()
    {
        var breaker = new CircuitBreaker();
        Fail(breaker, 5, 0);
        long now = 0;
        var pauses = new List<long>();
        for (int i = 0; i < 5; i++)
        {
            pauses.Add(breaker.WaitMs(now));
            now += breaker.WaitMs(now);
            Fail(breaker, 1, now);
        }

        pauses.ShouldBe([5_000, 10_000, 20_000, 30_000, 30_000]);
    }

    [Fact]
    public void Report_CallsFromBeforeItOpened_DoNotDecideTheProbe()
    {
        var breaker = new CircuitBreaker();
        breaker.TryEnter(0, out BreakerTicket early);
        Fail(breaker, 5, 0);
        breaker.TryEnter(5_000, out BreakerTicket probe).ShouldBeTrue();

        breaker.Report(early, CallOutcome.Alive, 5_001, Settings);

        breaker.StateAt(5_001).ShouldBe(BreakerState.HalfOpen);
        breaker.Report(probe, CallOutcome.Failed, 5_002, Settings);
        breaker.StateAt(5_002).ShouldBe(BreakerState.Open);
    }

    [Fact]
    public void Report_ClientOfTheProbeLeaves_NextCallProbes()
    {
        var breaker = new CircuitBreaker();
        Fail(breaker, 5, 0);
        breaker.TryEnter(5_000, out BreakerTicket probe).ShouldBeTrue();

        breaker.Report(probe, CallOutcome.Unknown, 5_100, Settings);

        breaker.TryEnter(5_100, out _).ShouldBeTrue();
    }

    [Fact]
    public void Share_BackAgain_GrowsToAll()
    {
        var breaker = new CircuitBreaker();
        breaker.Share(0, Settings).ShouldBe(1);
        Fail(breaker, 5, 0);
        breaker.TryEnter(5_000, out BreakerTicket probe).ShouldBeTrue();
        breaker.Report(probe, CallOutcome.Alive, 5_000, Settings);

        breaker.Share(5_000, Settings).ShouldBe(0.1);
        breaker.Share(15_000, Settings).ShouldBe(0.5);
        breaker.Share(25_000, Settings).ShouldBe(1);
    }

    [Fact]
    public void TryEnter_ManyAtOnceWhenThePauseIsOver_ExactlyOnePasses()
    {
        var breaker = new CircuitBreaker();
        Fail(breaker, 5, 0);
        int passed = 0;

        Parallel.For(0, 500, _ =>
        {
            if (breaker.TryEnter(5_000, out BreakerTicket _))
            {
                Interlocked.Increment(ref passed);
            }
        });

        passed.ShouldBe(1);
    }

    [Fact]
    public void HearOpened_NobodyCalledItLately_KeepsCallsAwayForOnePauseAtMost()
    {
        var breaker = new CircuitBreaker();
        Report(breaker, CallOutcome.Alive, 0);

        breaker.HearOpened(40_000, TimeSpan.FromHours(1), "node b saw its calls fail", Settings);

        breaker.TryEnter(44_999, out _).ShouldBeFalse();
        breaker.FlipsSince(0).ShouldHaveSingleItem().ShouldBe(new BreakerFlip(1, BreakerState.Open, 40_000, "node b saw its calls fail", BreakerWitness.Node));
        breaker.TryEnter(45_000, out BreakerTicket probe).ShouldBeTrue();
        breaker.Report(probe, CallOutcome.Alive, 45_100, Settings);
        breaker.StateAt(45_100).ShouldBe(BreakerState.Closed);
    }

    // It may be the other node's network that is broken.
    [Fact]
    public void HearOpened_OwnCallsGoWell_GoesOnAndOpensAtItsFirstFailure()
    {
        var breaker = new CircuitBreaker();
        Report(breaker, CallOutcome.Alive, 0);

        breaker.HearOpened(20_000, TimeSpan.FromSeconds(5), "node b saw its calls fail", Settings);
        breaker.StateAt(20_000).ShouldBe(BreakerState.Closed);
        Report(breaker, CallOutcome.Failed, 20_100);

        breaker.StateAt(20_100).ShouldBe(BreakerState.Open);
    }

    [Fact]
    public void HearClosed_OpenOnAWordAlone_Closes()
    {
        var breaker = new CircuitBreaker();
        breaker.HearOpened(0, TimeSpan.FromSeconds(5), "b", Settings);

        breaker.HearClosed(1_000, "node b saw a call go well");

        breaker.StateAt(1_000).ShouldBe(BreakerState.Closed);
    }

    [Fact]
    public void HearClosed_OwnCallsFailed_IsTriedAtOnce()
    {
        var breaker = new CircuitBreaker();
        breaker.HearOpened(0, TimeSpan.FromSeconds(5), "b", Settings);
        breaker.TryEnter(5_000, out BreakerTicket probe).ShouldBeTrue();
        breaker.Report(probe, CallOutcome.Failed, 5_100, Settings);

        breaker.HearClosed(5_200, "b");

        breaker.StateAt(5_200).ShouldBe(BreakerState.HalfOpen);
        breaker.TryEnter(5_200, out _).ShouldBeTrue();
    }

    [Fact]
    public void HearClosed_SetAsideByHand_StaysAside()
    {
        var breaker = new CircuitBreaker();
        breaker.SetAside(0, TimeSpan.FromSeconds(60));

        breaker.HearOpened(1_000, TimeSpan.FromSeconds(5), "b", Settings);
        breaker.HearClosed(10_000, "b");

        breaker.TryEnter(59_999, out _).ShouldBeFalse();
    }

    private static void Fail(CircuitBreaker breaker, int times, long nowMs)
    {
        for (int i = 0; i < times; i++)
        {
            Report(breaker, CallOutcome.Failed, nowMs);
        }
    }

    private static void Report(CircuitBreaker breaker, CallOutcome outcome, long nowMs)
    {
        breaker.TryEnter(nowMs, out BreakerTicket ticket).ShouldBeTrue();
        breaker.Report(ticket, outcome, nowMs, Settings);
    }
}
