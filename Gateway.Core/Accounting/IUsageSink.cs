namespace Gateway.Core.Accounting;

/// <summary>
/// Takes finished calls off the request path: logs, the live feed, whatever else looks at them. The journal is not one of
/// them; a sink may drop what it cannot keep up with, and counts it.
/// </summary>
public interface IUsageSink
{
    /// <summary>Hands a finished call over. Never waits; safe for concurrent use. The record must not be changed afterwards.</summary>
    void Post(UsageRecord record);

    /// <summary>A request failed for a reason that is a fault of the gateway itself.</summary>
    void Fault(string requestId, Exception exception);
}
