using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Traffic;

/// <summary>A call that is being served by this process.</summary>
/// <param name="AgeMs">Since its arrival.</param>
/// <param name="OutputTokens">Estimated, of what was sent so far; 0 for an answer that is not streamed.</param>
/// <param name="TokensPerSecond">Over the call's whole life; null while nothing was sent.</param>
public sealed record RunningCall(
    Guid Id, string RequestId, DateTimeOffset StartedAt, long AgeMs, string Operation, bool Streamed, string? KeyId, string? KeyName, string? RequestedModel,
    string? Model, string? Route, long InputTokens, long OutputTokens, double? TokensPerSecond);

/// <summary>The calls that this node serves at this moment.</summary>
internal sealed class RunningCalls(TimeProvider time, InFlightTable? table = null)
{
    /// <summary>Whether this process serves calls at all.</summary>
    public bool IsServing => table is not null;

    /// <summary>The oldest first.</summary>
    public IReadOnlyList<RunningCall> List()
    {
        DateTimeOffset now = time.GetUtcNow();
        return [.. (table?.ReadRunning() ?? []).Select(c => View(c, now)).OrderBy(c => c.StartedAt)];
    }

    private static RunningCall View(InterruptedCall call, DateTimeOffset now)
    {
        UsageRecord record = call.Record;
        double seconds = Math.Max((now - record.StartedAt).TotalSeconds, 0);
        return new RunningCall(
            record.Id, record.RequestId, record.StartedAt, (long)(seconds * 1000), record.Operation.ToName(), record.Streamed, record.KeyId, record.KeyName,
            record.RequestedModel, record.Model, record.Route, call.InputTokens, call.OutputTokens,
            call.OutputTokens > 0 && seconds > 0 ? Math.Round(call.OutputTokens / seconds, 1) : null);
    }
}
