namespace Gateway.Web.Endpoints;

/// <summary>
/// The memory that the request bodies of all clients may take together: each stays in it until its request is over, since it
/// may have to be sent again. Small ones are not counted. Safe for concurrent use.
/// </summary>
/// <param name="maxBytes">Read for each piece, so that a change holds at once; 0 is a quarter of the memory that the process may use.</param>
internal sealed class BodyRoom(Func<long> maxBytes)
{
    /// <summary>What a body may be without being counted.</summary>
    public const int FreeBytes = 262_144;

    private const int Step = 1_048_576;

    private static readonly long QuarterOfMemory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    private long _taken;

    /// <summary>Bytes that are held now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Makes sure of room for so many bytes of one body.</summary>
    /// <param name="held">What the body has taken; grows in steps.</param>
    /// <returns>False, and nothing more taken, when there is none.</returns>
    public bool TryHold(long bytes, ref long held)
    {
        if (bytes <= held)
        {
            return true;
        }
        long more = ((bytes + Step - 1) / Step * Step) - held;
        long most = maxBytes() is > 0 and var set ? set : QuarterOfMemory;
        if (Interlocked.Add(ref _taken, more) > most)
        {
            Interlocked.Add(ref _taken, -more);
            return false;
        }
        held += more;
        return true;
    }

    public void GiveBack(long held) => Interlocked.Add(ref _taken, -held);
}
