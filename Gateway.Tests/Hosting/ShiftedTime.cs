namespace Gateway.Tests.Hosting;

/// <summary>A clock that stands where the test put it; what measures time and what waits goes by the system's.</summary>
internal sealed class ShiftedTime(DateTimeOffset start) : TimeProvider
{
    private TimeSpan _added;

    /// <summary>For measured time, too.</summary>
    public void Add(TimeSpan time) => _added += time;

    public override DateTimeOffset GetUtcNow() => start + _added;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(_added.TotalSeconds * TimestampFrequency);
}
