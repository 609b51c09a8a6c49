using Gateway.Core.Accounting;

namespace Gateway.Core.Library;

/// <summary>A library keeps no books of its own: what a call used is in its answer.</summary>
internal sealed class DiscardedUsage : IUsageSink
{
    public void Post(UsageRecord record)
    {
    }

    public void Fault(string requestId, Exception exception)
    {
    }
}
