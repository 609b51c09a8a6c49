using Gateway.Core.Accounting;
using Gateway.Core.Telemetry;

namespace Gateway.Web.Telemetry;

/// <summary>Says once for each model that a hard budget does not count it, since its price is not known.</summary>
internal sealed partial class UnpricedModelLog(ILogger<UnpricedModelLog> logger) : IRecordObserver
{
    // Names can come from clients (default provider).
    private const int Most = 1000;

    private readonly HashSet<(string Provider, string Model)> _said = [];

    public void Observe(UsageRecord record)
    {
        if (record is { UncountedBy: { } budget, Provider: { } provider, UpstreamModel: { } model } && _said.Count < Most && _said.Add((provider, model)))
        {
            LogUncounted(budget, model, provider);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hard budget \"{Budget}\" does not count calls of {Model} at {Provider}, whose price is not known: set a price, or refuse such calls (Gateway:Limits:UnpricedModels).")]
    private partial void LogUncounted(string budget, string model, string provider);
}
