namespace Gateway.Core.Load;

/// <summary>Those who wait at one priority: a line for each caller, and the callers take turns. Used under the owner's lock.</summary>
internal sealed class WaitingLine
{
    private readonly Dictionary<string, LinkedList<Waiter>> _byCaller = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _turns = new();

    public bool IsEmpty => _turns.Count == 0;

    public int Count { get; private set; }

    /// <summary>About how many go before somebody who would wait here now: in each round one of each caller.</summary>
    public int AheadOf(string caller)
    {
        int own = _byCaller.TryGetValue(caller, out LinkedList<Waiter>? waiting) ? waiting.Count : 0;
        int others = own == 0 ? _turns.Count : _turns.Count - 1;
        return Math.Min(Count, own + ((own + 1) * others));
    }

    public void Add(Waiter waiter)
    {
        Count++;
        if (!_byCaller.TryGetValue(waiter.Caller, out LinkedList<Waiter>? own))
        {
            _byCaller.Add(waiter.Caller, own = new LinkedList<Waiter>());
            _turns.AddLast(waiter.Caller);
        }
        // Nearly always at the end; one that waits again goes where it was.
        LinkedListNode<Waiter>? before = own.Last;
        while (before is not null && before.Value.Order > waiter.Order)
        {
            before = before.Previous;
        }
        if (before is null)
        {
            own.AddFirst(waiter);
        }
        else
        {
            own.AddAfter(before, waiter);
        }
    }

    /// <summary>The next one; there must be one.</summary>
    public Waiter Take()
    {
        string caller = _turns.First!.Value;
        LinkedList<Waiter> own = _byCaller[caller];
        Waiter next = own.First!.Value;
        own.RemoveFirst();
        Count--;
        _turns.RemoveFirst();
        if (own.Count > 0)
        {
            _turns.AddLast(caller);
        }
        else
        {
            _byCaller.Remove(caller);
        }
        return next;
    }

    /// <summary>False when it does not wait here, or no longer.</summary>
    public bool Remove(Waiter waiter)
    {
        if (!_byCaller.TryGetValue(waiter.Caller, out LinkedList<Waiter>? own) || !own.Remove(waiter))
        {
            return false;
        }
        Count--;
        if (own.Count == 0)
        {
            _byCaller.Remove(waiter.Caller);
            _turns.Remove(waiter.Caller);
        }
        return true;
    }
}
