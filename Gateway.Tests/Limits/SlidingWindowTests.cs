using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Limits;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Limits;

public class SlidingWindowTests
{
    [Fact]
    public void TryAdmit_200InParallelOnAnRpmOf50_Exactly50()
    {
        var window = new SlidingWindow();
        int admitted = 0;

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            if (window.TryAdmit(1000, 50, 0, 0).Admitted)
            {
                Interlocked.Increment(ref admitted);
            }
        });

        admitted.ShouldBe(50);
    }

    [Fact]
    public void TryAdmit_AnySequenceOfArrivals_NeverMoreThanTheLimitInAnyMinute()
    {
        Gen<int[]> gaps = Gen.ArrayOf(Gen.Choose(0, 20_000));

        Check.QuickThrowOnFailure(Prop.ForAll(gaps.ToArbitrary(), all =>
        {
            var window = new SlidingWindow();
            var admitted = new List<long>();
            long now = 0;
            foreach (int gap in all)
            {
                now += gap;
                if (window.TryAdmit(now, 5, 0, 0).Admitted)
                {
                    admitted.Add(now);
                }
            }
            foreach (long end in admitted)
            {
                admitted.Count(t => t > end - SlidingWindow.WindowMs && t <= end).ShouldBeLessThanOrEqualTo(5);
            }
        }));
    }

    [Fact]
    public void TryAdmit_Refused_SaysWhenAPlaceComesFreeAndKeepsThatWord()
    {
        var window = new SlidingWindow();
        window.TryAdmit(10_000, 2, 0, 0);
        window.TryAdmit(40_000, 2, 0, 0);

        LimitDecision refused = window.TryAdmit(50_000, 2, 0, 0);

        refused.Exceeded.ShouldBe(LimitKind.Requests);
        refused.ResetRequestsMs.ShouldBeInRange(20_000, 20_250);
        window.TryAdmit(50_000 + refused.ResetRequestsMs - 300, 2, 0, 0).Admitted.ShouldBeFalse();
        window.TryAdmit(50_000 + refused.ResetRequestsMs, 2, 0, 0).Admitted.ShouldBeTrue();
    }

    [Fact]
    public void TryAdmit_RefusedRequests_ConsumeNothing()
    {
        var window = new SlidingWindow();
        for (int i = 0; i < 100; i++)
        {
            window.TryAdmit(0, 1, 0, 0);
        }

        window.TryAdmit(SlidingWindow.WindowMs + 250, 1, 0, 0).Admitted.ShouldBeTrue();
    }

    [Fact]
    public void TryAdmit_TokensReservedInParallel_AreNeverPromisedTwice()
    {
        var window = new SlidingWindow();
        int admitted = 0;

        Parallel.For(0, 60, _ =>
        {
            if (window.TryAdmit(0, 0, 1000, 100).Admitted)
            {
                Interlocked.Increment(ref admitted);
            }
        });

        admitted.ShouldBe(10);
    }

    [Fact]
    public void TryAdmit_MoreThanTheWholeLimit_OnlyWhileNothingElseRuns()
    {
        var window = new SlidingWindow();

        window.TryAdmit(0, 0, 1000, 5000).Admitted.ShouldBeTrue();
        window.TryAdmit(0, 0, 1000, 5000).Exceeded.ShouldBe(LimitKind.Tokens);
        window.Settle(100, 5000, 300);
        window.TryAdmit(200, 0, 1000, 5000).Admitted.ShouldBeTrue();
        window.Settle(300, 5000, 900);
        window.TryAdmit(400, 0, 1000, 1).Exceeded.ShouldBe(LimitKind.Tokens);
    }

    [Fact]
    public void Settle_UsedTokens_CountForAMinute()
    {
        var window = new SlidingWindow();
        window.TryAdmit(0, 0, 1000, 1);
        window.TryAdmit(0, 0, 1000, 600);
        window.Settle(5000, 600, 900);

        LimitDecision refused = window.TryAdmit(6000, 0, 1000, 200);

        refused.Exceeded.ShouldBe(LimitKind.Tokens);
        refused.RemainingTokens.ShouldBe(99);
        refused.ResetTokensMs.ShouldBeInRange(59_000, 59_250);
        window.TryAdmit(6000 + refused.ResetTokensMs, 0, 1000, 200).Admitted.ShouldBeTrue();
    }

    [Fact]
    public void Peek_AfterAMixOfCalls_HoldsNoReservation()
    {
        var window = new SlidingWindow();
        Parallel.For(0, 1000, i =>
        {
            if (window.TryAdmit(i / 10, 0, 1_000_000, 500).Admitted)
            {
                window.Settle(i / 10, 500, i % 3 == 0 ? 0 : 10);
            }
        });

        window.Peek(200_000, 0, 1_000_000).RemainingTokens.ShouldBe(1_000_000);
    }
}
