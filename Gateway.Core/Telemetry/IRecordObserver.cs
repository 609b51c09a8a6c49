using Gateway.Core.Accounting;

namespace Gateway.Core.Telemetry;

/// <summary>
/// Looks at finished calls beside the log, on the usage sink's own thread and one at a time: no request waits for it. Must not
/// block; what throws is reported and the next call is looked at all the same.
/// </summary>
public interface IRecordObserver
{
    /// <summary>Takes one finished call, which nobody changes any more.</summary>
    void Observe(UsageRecord record);
}
