namespace Gateway.Core.Failover.Guarded;

/// <summary>Which choices of an answer the client has heard of, and which of them it has not heard the end of. Used by one task at a time.</summary>
internal sealed class OpenChoices
{
    private readonly SortedSet<int> _begun = [];
    private readonly HashSet<int> _ended = [];

    /// <summary>In order. The first choice where the client has heard of none: an answer has one.</summary>
    public IEnumerable<int> Open => _begun.Count == 0 ? [0] : _begun.Where(c => !_ended.Contains(c));

    /// <param name="ended">The client was told why it ended.</param>
    public void Note(int choice, bool ended)
    {
        _begun.Add(choice);
        if (ended)
        {
            _ended.Add(choice);
        }
    }
}
