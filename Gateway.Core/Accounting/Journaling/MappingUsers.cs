namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// Counts who uses a mapping: its owner from the start, and each thread inside. At zero it may be unmapped, and stays at zero: what
/// is written to an unmapped page ends the process. Not to be copied.
/// </summary>
internal struct MappingUsers
{
    private int _count = 1;

    public MappingUsers()
    {
    }

    /// <summary>False when it is unmapped, or is about to be; otherwise it stays mapped until <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        int count = Volatile.Read(ref _count);
        while (count > 0)
        {
            int seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
            {
                return true;
            }
            count = seen;
        }
        return false;
    }

    /// <summary>True when this was the last use: the caller unmaps.</summary>
    public bool Leave() => Interlocked.Decrement(ref _count) == 0;
}
