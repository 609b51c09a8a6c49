using System.Collections.Concurrent;
using Gateway.Core.Budgets;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster.Limits;

/// <summary>
/// What this node knows that budgets' windows have cost, for the case that Redis does not know it: it is new, or lost its
/// memory. The last figure that Redis gave; before there was one, what the process counted itself. What is still on its way to
/// Redis is not part of it, since it will be added when it arrives.
/// </summary>
internal sealed class KnownSpending(RedisLink link)
{
    private readonly ConcurrentDictionary<string, Entry> _byBudget = new(StringComparer.Ordinal);

    /// <summary>For the given window of the budget.</summary>
    public KnownFigure Of(string key, Budget budget, BudgetWindow window, DateTimeOffset now)
    {
        Entry entry = EntryOf(key);
        lock (entry)
        {
            if (entry.Window == window && entry.Heard is { } heard)
            {
                return heard with { Spent = Math.Max(0, heard.Spent) };
            }
            // Nobody has told Redis of a window that began while it was away: all that the books hold of it by now is on its way
            // from the nodes that spent it.
            if (link.WasAwayAt(window.Start))
            {
                return default;
            }
            BudgetState counted = budget.Meter.Read(budget, now);
            return counted.Window == window ? new KnownFigure(Math.Max(0, counted.Spent.Value - (entry.Window == window ? entry.OnTheWay : 0)), 0, 0) : default;
        }
    }

    /// <summary>Redis says so.</summary>
    public void Heard(string key, BudgetWindow window, KnownFigure figure)
    {
        Entry entry = EntryOf(key);
        lock (entry)
        {
            entry.Enter(window);
            // Answers come on several ways: one that was given earlier may be read later.
            if (entry.Window == window && (entry.Heard is not { } last || last.Life != figure.Life || last.Changes <= figure.Changes))
            {
                entry.Heard = figure;
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
    /// <param name="arrived">Redis has counted it, and does not say what that made.</param>
    public void Sent(string key, BudgetWindow window, long cost, bool arrived)
    {
        Entry entry = EntryOf(key);
        lock (entry)
        {
            if (entry.Window == window)
            {
                entry.OnTheWay -= cost;
                if (arrived && entry.Heard is { } heard)
                {
                    entry.Heard = heard with { Spent = heard.Spent + cost };
                }
            }
        }
    }

    private Entry EntryOf(string key) => _byBudget.GetOrAdd(key, static _ => new Entry());

    private sealed class Entry
    {
        public BudgetWindow Window;
        public KnownFigure? Heard;
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

/// <summary>What a budget's window had cost at some time.</summary>
/// <param name="Spent">In nano-USD.</param>
/// <param name="Life">In which life of the budget's key Redis said so; 0: a node counted it itself.</param>
/// <param name="Changes">After how many changes in that life.</param>
internal readonly record struct KnownFigure(long Spent, long Life, long Changes);
