using Gateway.Core.Catalog;

namespace Gateway.Core.Budgets;

/// <summary>
/// An amount of money that calls draw on: what a call may cost at most is reserved before it, what it did cost is settled
/// after it. Takes no lock; exact however many calls come at once.
/// </summary>
public sealed class MoneyBudget(NanoUsd limit)
{
    private long _remaining = limit.Value;

    /// <summary>What is neither spent nor reserved. Below zero when a call cost more than was reserved for it.</summary>
    public NanoUsd Remaining => new(Interlocked.Read(ref _remaining));

    /// <summary>Takes the amount if that much is left; an amount of zero fits as long as anything is.</summary>
    public bool TryReserve(NanoUsd amount)
    {
        long seen = Interlocked.Read(ref _remaining);
        while (seen > 0 && seen >= amount.Value)
        {
            long now = Interlocked.CompareExchange(ref _remaining, seen - amount.Value, seen);
            if (now == seen)
            {
                return true;
            }
            seen = now;
        }
        return false;
    }

    /// <summary>Gives the reservation back and takes the cost; once for each reservation.</summary>
    public void Settle(NanoUsd reserved, NanoUsd cost) => Interlocked.Add(ref _remaining, reserved.Value - cost.Value);
}
