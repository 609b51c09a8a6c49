namespace Gateway.Tests.Components;

/// <summary>The system's time, but for timers of one period: these fire when the test says so.</summary>
internal sealed class HandTime(TimeSpan period) : TimeProvider
{
    private readonly List<(TimerCallback Callback, object? State)> _timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan every)
    {
        if (every != period)
        {
            return base.CreateTimer(callback, state, dueTime, every);
        }
        lock (_timers)
        {
            _timers.Add((callback, state));
        }
        return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Tick()
    {
        lock (_timers)
        {
            _timers.ForEach(t => t.Callback(t.State));
        }
    }
}
