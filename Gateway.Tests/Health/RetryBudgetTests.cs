using Gateway.Core.Health;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Health;

public class RetryBudgetTests
{
    [Fact]
    public void TryWithdraw_FloorTakenInAdvance_AllTogetherIsOneInFiveCalls()
    {
        var budget = new RetryBudget();
        Withdraw(budget, 1000).ShouldBe(10);

        for (int i = 0; i < 100; i++)
        {
            budget.Deposit(0.2);
        }

        // With the ten of the floor a fifth of the hundred.
        Withdraw(budget, 1000).ShouldBe(10);
    }

    [Fact]
    public void TryWithdraw_NoTraffic_FloorComesBackInAMinute()
    {
        var budget = new RetryBudget();
        Withdraw(budget, 100).ShouldBe(10);

        budget.TryWithdraw(61_000).ShouldBeTrue();
        budget.Left.ShouldBe(9, 0.01);
    }

    [Fact]
    public void Deposit_LongQuietTraffic_SavesNoMoreThanAHundred()
    {
        var budget = new RetryBudget();

        for (int i = 0; i < 10_000; i++)
        {
            budget.Deposit(0.2);
        }

        Withdraw(budget, 1000).ShouldBe(100);
    }

    private static int Withdraw(RetryBudget budget, int most)
    {
        int paid = 0;
        while (paid < most && budget.TryWithdraw(1))
        {
            paid++;
        }
        return paid;
    }
}
