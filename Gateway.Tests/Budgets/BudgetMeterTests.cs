using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Budgets;

public class BudgetMeterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TryReserve_200InParallelWithRoomForTen_ExactlyTen()
    {
        Budget budget = Daily(dollars: 10);
        int admitted = 0;

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ =>
        {
            if (budget.Meter.TryReserve(budget, NanoUsd.FromDollars(1), Noon))
            {
                Interlocked.Increment(ref admitted);
            }
        });

        admitted.ShouldBe(10);
    }

    [Fact]
    public void TryReserve_MoreThanIsLeft_OnlyWhileNothingElseRuns()
    {
        Budget budget = Daily(dollars: 1);
        NanoUsd big = NanoUsd.FromDollars(5);

        budget.Meter.TryReserve(budget, big, Noon).ShouldBeTrue();
        budget.Meter.TryReserve(budget, NanoUsd.Zero, Noon).ShouldBeFalse();
        budget.Meter.Settle(budget, big, NanoUsd.FromDollars(0.9m), Noon, Noon);
        budget.Meter.TryReserve(budget, big, Noon).ShouldBeTrue();
        budget.Meter.Settle(budget, big, big, Noon, Noon);
        budget.Meter.TryReserve(budget, NanoUsd.Zero, Noon).ShouldBeFalse();
        budget.Meter.Read(budget, Noon).Remaining.ShouldBe(NanoUsd.FromDollars(-4.9m));
    }

    [Fact]
    public void Clock_SetBackOverMidnightAndForthAgain_GivesNoMoneyTwice()
    {
        Budget budget = Daily(dollars: 10);
        DateTimeOffset next = Noon.AddDays(1);
        Spend(budget, dollars: 10, Noon);
        Spend(budget, dollars: 4, next);

        budget.Meter.TryReserve(budget, NanoUsd.FromDollars(1), Noon).ShouldBeFalse();
        budget.Meter.Read(budget, next).Spent.ShouldBe(NanoUsd.FromDollars(4));
        budget.Meter.Read(budget, next.AddDays(1)).Spent.ShouldBe(NanoUsd.Zero);
    }

    [Fact]
    public void Settle_AfterMidnight_CountsInTheWindowThatHeldTheStart()
    {
        Budget budget = Daily(dollars: 10);
        DateTimeOffset late = Noon.AddHours(11.99);
        DateTimeOffset next = Noon.AddHours(13);
        budget.Meter.TryReserve(budget, NanoUsd.FromDollars(3), late).ShouldBeTrue();

        budget.Meter.Settle(budget, NanoUsd.FromDollars(3), NanoUsd.FromDollars(2), late, next);

        BudgetState state = budget.Meter.Read(budget, next);
        (state.Spent, state.Reserved, state.InFlight).ShouldBe((NanoUsd.Zero, NanoUsd.Zero, 0));
        state.Window.Start.ShouldBe(new DateTimeOffset(2026, 11, 29, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void AmountAt_WhileAnOverrideLasts_IsMore()
    {
        Budget budget = Daily(dollars: 1, extra: 2, extraUntil: Noon.AddHours(1));
        budget.Meter.TryReserve(budget, NanoUsd.FromDollars(2), Noon).ShouldBeTrue();
        budget.Meter.Settle(budget, NanoUsd.FromDollars(2), NanoUsd.FromDollars(2), Noon, Noon);

        budget.Meter.TryReserve(budget, NanoUsd.Zero, Noon).ShouldBeTrue();
        budget.Meter.Undo(NanoUsd.Zero);
        budget.Meter.TryReserve(budget, NanoUsd.Zero, Noon.AddHours(1)).ShouldBeFalse();
    }

    [Fact]
    public void TryReserve_SoftBudget_RefusesNothingAndCounts()
    {
        Budget budget = Daily(dollars: 1, hard: false);
        budget.Meter.TryReserve(budget, NanoUsd.FromDollars(9), Noon).ShouldBeTrue();
        budget.Meter.Settle(budget, NanoUsd.FromDollars(9), NanoUsd.FromDollars(9), Noon, Noon);

        budget.Meter.TryReserve(budget, NanoUsd.FromDollars(9), Noon).ShouldBeTrue();
        budget.Meter.Read(budget, Noon).Spent.ShouldBe(NanoUsd.FromDollars(9));
    }

    [Fact]
    public void TryReserve_FixedBudgetOutsideItsTerm_Refuses()
    {
        var budget = new Budget
        {
            Id = "b",
            Name = "b",
            Amount = NanoUsd.FromDollars(5),
            Period = BudgetPeriod.Fixed,
            From = Noon,
            Until = Noon.AddDays(1),
            Meter = new BudgetMeter(),
        };

        budget.Meter.TryReserve(budget, NanoUsd.Zero, Noon.AddSeconds(-1)).ShouldBeFalse();
        budget.Meter.TryReserve(budget, NanoUsd.Zero, Noon).ShouldBeTrue();
        budget.Meter.TryReserve(budget, NanoUsd.Zero, Noon.AddDays(1)).ShouldBeFalse();
    }

    [Fact]
    public void Change_OfAmountOnly_KeepsTheMeter_OfPeriodOrScopeDoesNot()
    {
        BudgetDefinition first = new() { Id = "b", Name = "b", Scope = ScopeKind.Gateway, Amount = NanoUsd.FromDollars(1) };
        CatalogSnapshot one = Build(first, CatalogSnapshot.Empty);
        BudgetMeter meter = one.Budgets["b"].Meter;

        Build(first with { Amount = NanoUsd.FromDollars(2), Hard = false, Extra = NanoUsd.FromDollars(1) }, one).Budgets["b"].Meter.ShouldBeSameAs(meter);
        Build(first with { Period = BudgetPeriod.Day }, one).Budgets["b"].Meter.ShouldNotBeSameAs(meter);
        Build(first with { TimeZone = "Europe/Berlin" }, one).Budgets["b"].Meter.ShouldNotBeSameAs(meter);
        Build(first with { Scope = ScopeKind.Team, Of = "t" }, one).Budgets["b"].Meter.ShouldNotBeSameAs(meter);

        static CatalogSnapshot Build(BudgetDefinition budget, CatalogSnapshot previous)
        {
            var catalog = new CatalogDefinition { Budgets = [budget], Teams = [new TeamDefinition { Id = "t", Name = "t" }] };
            CatalogSnapshot.Build(catalog, previous, out CatalogSnapshot? next).ShouldBeEmpty();
            return next!;
        }
    }

    [Fact]
    public void Seed_Twice_CountsOnce()
    {
        Budget budget = Daily(dollars: 10);
        budget.Meter.Seeded.IsCompleted.ShouldBeFalse();

        budget.Meter.Seed(budget, budget.WindowAt(Noon), NanoUsd.FromDollars(4), Noon);
        budget.Meter.Seed(budget, budget.WindowAt(Noon), NanoUsd.FromDollars(4), Noon);

        budget.Meter.Seeded.IsCompleted.ShouldBeTrue();
        budget.Meter.Read(budget, Noon).Spent.ShouldBe(NanoUsd.FromDollars(4));
    }

    // A soft budget lets calls through before it is seeded, and what they cost is in the books by then.
    [Fact]
    public void Seed_AfterCallsThatTheBooksHold_CountsThemOnce()
    {
        Budget budget = Daily(dollars: 10, hard: false);
        budget.Meter.TryReserve(budget, NanoUsd.FromDollars(1), Noon).ShouldBeTrue();
        budget.Meter.Settle(budget, NanoUsd.FromDollars(1), NanoUsd.FromDollars(1), Noon, Noon);

        budget.Meter.Seed(budget, budget.WindowAt(Noon), NanoUsd.FromDollars(4), Noon);

        budget.Meter.Read(budget, Noon).Spent.ShouldBe(NanoUsd.FromDollars(4));
    }

    [Fact]
    public void Seed_OfAWindowThatIsOver_IsDropped()
    {
        Budget budget = Daily(dollars: 10);

        budget.Meter.Seed(budget, budget.WindowAt(Noon.AddDays(-1)), NanoUsd.FromDollars(4), Noon);

        budget.Meter.Read(budget, Noon).Spent.ShouldBe(NanoUsd.Zero);
    }

    private static Budget Daily(decimal dollars, bool hard = true, decimal extra = 0, DateTimeOffset? extraUntil = null) => new()
    {
        Id = "b",
        Name = "b",
        Amount = NanoUsd.FromDollars(dollars),
        Period = BudgetPeriod.Day,
        Hard = hard,
        Extra = NanoUsd.FromDollars(extra),
        ExtraUntil = extraUntil ?? DateTimeOffset.MinValue,
        Meter = new BudgetMeter(),
    };

    private static void Spend(Budget budget, int dollars, DateTimeOffset now)
    {
        budget.Meter.TryReserve(budget, NanoUsd.FromDollars(dollars), now).ShouldBeTrue();
        budget.Meter.Settle(budget, NanoUsd.FromDollars(dollars), NanoUsd.FromDollars(dollars), now, now);
    }
}
