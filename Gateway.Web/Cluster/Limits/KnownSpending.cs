using System.Collections.Concurrent;
using Gateway.Core.Budgets;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster.Limits;

/// <summary>
/// What this node knows that budgets' windows have cost, for the case that Redis does not know it: it is new, or lost its
/// memory. The last figure that Redis gave, with what this node has settled since; before there was one, what the process
/// counted itself. What is still on its way to Redis is not part of it, since it will be added when it arrives.
/// </summary>
internal sealed class KnownSpending(RedisLink link)
{
    private readonly ConcurrentDictionary<string, Entry> _byBudget = new(StringComparer.Ordinal);

    /// <summary>In nano-USD, for the given window of the budget.</summary>
    public long Of(string key, Budget budget, BudgetWindow window, DateTimeOffset now)
    {
        Entry entry = EntryOf(key);
        lock (entry)
        {
            if (entry.Window == window && entry.Heard is { } heard)
            {
                return Math.Max(0, heard);
            }
            // Nobody has told Redis of a window that began while it was away: all that the books hold of it by now is on its way
            // from the nodes that spent it.
            if (link.WasAwayAt(window.Start))
            {
                return 0;
            }
            BudgetState counted = budget.Meter.Read(budget, now);
            return counted.Window == window ? Math.Max(0, counted.Spent.Value - (entry.Window == window ? entry.OnTheWay : 0)) : 0;
        }
    }

    /// <summary>Redis says so.</summary>
    public void Heard(string key, BudgetWindow window, long spent)
    {
        Entry entry = EntryOf(key);
        lock (entry)
        {
            entry.Enter(window);
            if (entry.Window == window)
            {
                entry.Heard = spent;
            }
        }
    }

    /// <summary>A cost is about to be sent to Redis.</summary>
    public void Sending(string key, BudgetWindow window, long cost)
    {
        Entry entry = EntryOf(key);
        lock (entry)
        {
            entry.Enter(window);
            entry.OnTheWay += entry.Window == window ? cost : 0;
        }
    }

    /// <summary>It has arrived, or never will.</summary>
    public void Sent(string key, BudgetWindow window, long cost, bool arrived)
    {
        Entry entry = EntryOf(key);
        lock (entry)
        {
            if (entry.Window == window)
            {
                entry.OnTheWay -= cost;
                entry.Heard += arrived ? cost : 0;
            }
        }
    }

    private Entry EntryOf(string key) => _byBudget.GetOrAdd(key, static _ => new Entry());

    private sealed class Entry
    {
        public BudgetWindow Window;
        public long? Heard;
        public long OnTheWay;

        // Only forwards: a call that began in an old window may end in a new one.
        public void Enter(BudgetWindow window)
        {
            if (window.Start > Window.Start)
            {
                (Window, Heard, OnTheWay) = (window, null, 0);
            }
        }
    }
}
