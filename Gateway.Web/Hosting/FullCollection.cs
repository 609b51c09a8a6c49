namespace Gateway.Web.Hosting;

/// <summary>Collects all there is and gives the memory back to the system, at a moment when nobody waits for the process.</summary>
internal static class FullCollection
{
    public static void Run()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        // One object in each process cannot be moved, and a compaction leaves its region, nearly empty, to the youngest generation. What survives
        // there is then copied at each collection instead of growing old: twice as long a pause. Collected in place, the region grows old.
        GC.Collect(1, GCCollectionMode.Forced, blocking: true, compacting: false);
        GC.Collect(1, GCCollectionMode.Forced, blocking: true, compacting: false);
    }
}
