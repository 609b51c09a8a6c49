namespace Gateway.Core.Load;

/// <summary>Those who wait at one priority: a line for each caller, and the callers take turns. Used under the gate's lock.</summary>
internal sealed class WaitingLine
{
    private readonly Dictionary<string, LinkedList<Gate.Waiter>> _byCaller = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _turns = new();

    public bool IsEmpty => _turns.Count == 0;

    public void Add(string caller, Gate.Waiter waiter)
    {
        waiter.Caller = caller;
        if (!_byCaller.TryGetValue(caller, out LinkedList<Gate.Waiter>? own))
        {
            _byCaller.Add(caller, own = new LinkedList<Gate.Waiter>());
            _turns.AddLast(caller);
        }
        own.AddLast(waiter);
    }

    /// <summary>The next one; there must be one.</summary>
    public Gate.Waiter Take()
    {
        string caller = _turns.First!.Value;
        LinkedList<Gate.Waiter> own = _byCaller[caller];
        Gate.Waiter next = own.First!.Value;
        own.RemoveFirst();
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
    public bool Remove(Gate.Waiter waiter)
    {
        if (!_byCaller.TryGetValue(waiter.Caller, out LinkedList<Gate.Waiter>? own) || !own.Remove(waiter))
        {
            return false;
        }
        if (own.Count == 0)
        {
            _byCaller.Remove(waiter.Caller);
            _turns.Remove(waiter.Caller);
        }
        return true;
    }
}
