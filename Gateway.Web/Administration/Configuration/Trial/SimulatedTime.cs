namespace Gateway.Web.Administration.Configuration.Trial;

/// <summary>The clock of a replay: stands still between recorded instants, and never goes back.</summary>
internal sealed class SimulatedTime(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset _now = start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public long NowMs => (long)GetElapsedTime(0).TotalMilliseconds;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => (_now - DateTimeOffset.UnixEpoch).Ticks;

    public void MoveTo(DateTimeOffset instant) => _now = instant > _now ? instant : _now;
}
