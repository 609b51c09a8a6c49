using System.Collections.Frozen;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Web.Storage.Rows;

namespace Gateway.Web.Administration;

/// <summary>Turns a stored call back into the record it was made from.</summary>
internal static class UsageRowReader
{
    private static readonly FrozenDictionary<string, Operation> Operations = Enum.GetValues<Operation>().ToFrozenDictionary(o => o.ToName());

    public static UsageRecord Read(UsageRecordRow row) => new()
    {
        Id = Guid.ParseExact(row.Id, "N"),
        RequestId = row.RequestId,
        TraceId = row.TraceId,
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.StartedAtMs),
        Operation = Operations.GetValueOrDefault(row.Operation),
        Method = row.Method,
        Path = row.Path,
        KeyId = row.KeyId,
        KeyPrefix = row.KeyPrefix,
        KeyName = row.KeyName,
        RequestedModel = row.RequestedModel,
        Model = row.Model,
        Route = row.Route,
        Provider = row.Provider,
        BackendId = row.BackendId,
        UpstreamModel = row.UpstreamModel,
        Status = row.Status,
        Streamed = row.Streamed,
        ClientAborted = row.ClientAborted,
        Admitted = row.Admitted,
        ErrorKind = row.ErrorKind,
        ErrorMessage = row.ErrorMessage,
        FinishReason = row.FinishReason,
        Usage = new Usage((UsageSource)row.UsageSource, row.InputTokens, row.CachedInputTokens, row.CacheWriteTokens, row.OutputTokens, row.ReasoningTokens)
        {
            LongCacheWriteTokens = row.LongCacheWriteTokens,
        },
        ReservedTokens = row.ReservedTokens,
        ReservedCost = new NanoUsd(row.ReservedNanoUsd),
        Cost = row.CostNanoUsd is { } cost ? new NanoUsd(cost) : null,
        PriceVersion = row.PriceVersion,
        DurationUs = row.DurationUs,
        TimeToFirstTokenUs = row.TimeToFirstTokenUs,
        UpstreamUs = row.UpstreamUs,
        RequestBytes = row.RequestBytes,
        ResponseBytes = row.ResponseBytes,
        Lost = row.Lost,
        Units = row.UnitsJson is null ? null : JsonSerializer.Deserialize<BilledUnits>(row.UnitsJson),
        InputHash = row.InputHash,
        Metadata = row.MetadataJson,
        Trace = row.TraceJson is null ? null : JsonSerializer.Deserialize<CallTrace>(row.TraceJson),
        Attempts = row.AttemptsJson == "[]" ? [] : JsonSerializer.Deserialize<List<AttemptRecord>>(row.AttemptsJson) ?? [],
    };
}
