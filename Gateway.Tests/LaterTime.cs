namespace Gateway.Tests;

/// <summary>The system's time, from which as much has passed as the test says.</summary>
internal sealed class LaterTime : TimeProvider
{
    public TimeSpan Later { get; set; }

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Later.TotalSeconds * TimestampFrequency);
}
