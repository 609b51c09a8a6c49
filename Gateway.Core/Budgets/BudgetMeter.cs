using Gateway.Core.Catalog;

namespace Gateway.Core.Budgets;

/// <summary>
/// Counts what a budget's window has cost and what running calls may still cost. Exact however many calls come at once: a
/// few additions under a lock. With a hard budget the overshoot is at most the one call that was let in while nothing else ran.
/// </summary>
public sealed class BudgetMeter
{
    private readonly Lock _gate = new();
    private BudgetWindow _window;
    private long _spent;
    private (BudgetWindow Window, long Spent) _left;
    private long _reserved;
    private int _inFlight;
    private readonly TaskCompletionSource _seeded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Completes when <see cref="Seed"/> has told what was spent before this process counted. Where spending is kept from start
    /// to start, a hard budget lets nothing through until then.
    /// </summary>
    public Task Seeded => _seeded.Task;

    /// <summary>Reserves an amount, or nothing.</summary>
    /// <param name="amount">More than is left is granted only while nothing else is in flight and something is left.</param>
    public bool TryReserve(Budget budget, NanoUsd amount, DateTimeOffset now)
    {
        lock (_gate)
        {
            Advance(budget, now);
            long left = (budget.AmountAt(now) - new NanoUsd(_spent) - new NanoUsd(_reserved)).Value;
            bool ended = now >= _window.End || now < _window.Start;
            if (budget.Hard && (ended || left <= 0 || (amount.Value > left && _inFlight > 0)))
            {
                return false;
            }
            _reserved += amount.Value;
            _inFlight++;
            return true;
        }
    }

    /// <summary>Reserves an amount whatever is left: the call was let through elsewhere.</summary>
    internal void Take(NanoUsd amount)
    {
        lock (_gate)
        {
            _reserved += amount.Value;
            _inFlight++;
        }
    }

    /// <summary>Takes a reservation back as if it had never been.</summary>
    internal void Undo(NanoUsd reserved)
    {
        lock (_gate)
        {
            _reserved -= reserved.Value;
            _inFlight--;
        }
    }

    /// <summary>Holds so much more, however little is left.</summary>
    internal void Extend(NanoUsd more)
    {
        lock (_gate)
        {
            _reserved += more.Value;
        }
    }

    /// <summary>Gives the reservation back and counts the cost in the window that held the call's start.</summary>
    public void Settle(Budget budget, NanoUsd reserved, NanoUsd cost, DateTimeOffset startedAt, DateTimeOffset now)
    {
        lock (_gate)
        {
            Advance(budget, now);
            _reserved -= reserved.Value;
            _inFlight--;
            if (_window.Contains(startedAt))
            {
                _spent = (new NanoUsd(_spent) + cost).Value;
            }
            else if (_left.Window.Contains(startedAt))
            {
                _left.Spent = (new NanoUsd(_left.Spent) + cost).Value;
            }
        }
    }

    /// <summary>The present state of the window that holds <paramref name="now"/>.</summary>
    public BudgetState Read(Budget budget, DateTimeOffset now)
    {
        lock (_gate)
        {
            Advance(budget, now);
            return new BudgetState(_window, budget.AmountAt(now), new NanoUsd(_spent), new NanoUsd(_reserved), _inFlight);
        }
    }

    /// <summary>
    /// Says what the books hold of the window: by this process's predecessors, by other nodes, and by calls of this one that
    /// have ended under a soft budget meanwhile and were counted here, too. Once.
    /// </summary>
    /// <param name="window">The window it was spent in; the amount is dropped when that is over.</param>
    public void Seed(Budget budget, BudgetWindow window, NanoUsd spent, DateTimeOffset now)
    {
        lock (_gate)
        {
            Advance(budget, now);
            if (_window == window && !_seeded.Task.IsCompleted)
            {
                _spent = spent.Value;
            }
            _seeded.TrySetResult();
        }
    }

    /// <summary>Adds what a correction of prices made calls of the window dearer, or takes off what it made them cheaper.</summary>
    public void Correct(Budget budget, BudgetWindow window, NanoUsd difference, DateTimeOffset now)
    {
        lock (_gate)
        {
            Advance(budget, now);
            _spent = _window == window ? (new NanoUsd(_spent) + difference).Value : _spent;
        }
    }

    /// <summary>All nodes together have spent this much by now.</summary>
    /// <param name="window">As in <see cref="Seed"/>.</param>
    public void AtLeast(Budget budget, BudgetWindow window, NanoUsd spent, DateTimeOffset now)
    {
        lock (_gate)
        {
            Advance(budget, now);
            // The seed would undo it.
            if (_window == window && _seeded.Task.IsCompleted)
            {
                _spent = Math.Max(_spent, spent.Value);
            }
        }
    }

    // All terms that this meter counts for have the same windows; what was spent in one that is over stays with the books. That of the
    // last one is kept: a clock that is set back, or forth and back, must not give its money out once more.
    private void Advance(Budget budget, DateTimeOffset now)
    {
        if (!_window.Contains(now) && budget.WindowAt(now) is var window && window != _window)
        {
            long spent = window == _left.Window ? _left.Spent : 0;
            _left = (_window, _spent);
            (_window, _spent) = (window, spent);
        }
    }
}
