using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>Fills in what is known only at the end of a call: outcome, times, usage and cost.</summary>
internal static class Settlement
{
    public static void Close(Call call, int status, GatewayError? error)
    {
        UsageRecord record = call.Record;
        record.Status = status;
        record.ErrorKind = error?.KindName;
        record.ErrorMessage = error?.Message is { Length: > 500 } text ? text[..500] : error?.Message;
        record.ClientAborted = error?.Kind == GatewayErrorKind.ClientClosed;
        record.Attempts = call.Attempts;
        // With what a stream lost after its head was sent.
        record.Lost = error is null || call.Committed ? call.Notes?.Lost : null;
        record.DurationUs = call.MicrosecondsSince(call.Started);
        record.LastTokenUs = call.LastContent == 0 ? null : (long)call.Time.GetElapsedTime(call.Started, call.LastContent).TotalMicroseconds;
        record.UpstreamUs = (long)call.Time.GetElapsedTime(0, call.WaitedTicks).TotalMicroseconds;
        if (call.Backend is { } backend)
        {
            record.Usage = error is not null && !call.Committed && call.TakeUnanswered() is { } input ? input : UsageOf(call, error);
            SetCost(call, backend);
        }
        else
        {
            // Nothing was called, which is known to cost nothing.
            record.Cost = NanoUsd.Zero;
        }
    }

    public static Usage UsageOf(Call call, GatewayError? error)
    {
        EstimateCalibration? calibration = call.Plan.Model?.State.Calibration;
        if (call.Reported.Source is UsageSource.Reported or UsageSource.Estimated)
        {
            if (error is null && call is { Calibrating: true, OutputReported: true })
            {
                calibration?.Observe(EstimateInput(call), call.Reported.InputTokens, call.Output, call.Reported.OutputTokens);
            }
            // Counts that come with or after the reason to finish are all there is.
            return !call.OutputReported || (error is not null && call.Record is { Streamed: true, FinishReason: null }) ? call.UsageSoFar : call.Reported;
        }
        // A call that failed before it brought anything used nothing that anybody would bill; one that broke off later did.
        // So did one that is withheld.
        if (error is not null && !call.Committed && error.Kind != GatewayErrorKind.ContentFiltered)
        {
            return default;
        }
        if (!call.Envelope.Operation.IsEstimated())
        {
            return new Usage(call.Envelope.Operation.CountsTokens() ? UsageSource.None : UsageSource.Unknown, 0, 0, 0, 0, 0);
        }
        InputEstimate estimate = EstimateInput(call);
        long input = calibration?.CorrectInput(estimate) ?? estimate.Tokens;
        long output = call.IsMadeLater ? call.TokensReserved - call.InputHeld : calibration?.CorrectOutput(call.Output) ?? call.Output.Tokens;
        return new Usage(UsageSource.Estimated, input, 0, 0, call.Envelope.Operation.Generates() ? output : 0, 0);
    }

    private static InputEstimate EstimateInput(Call call) =>
        TokenEstimator.EstimateInput(call.Envelope.Operation, call.Envelope.Body.Span);

    private static void SetCost(Call call, Backend backend)
    {
        UsageRecord record = call.Record;
        ModelPrice? price = record.Usage.Source == UsageSource.None
            ? null
            : call.Snapshot.Prices.Find(backend.UpstreamModel, backend.Provider, record.StartedAt)
                ?? (call.AnsweredModel is { } answered ? call.Snapshot.Prices.Find(answered, backend.Provider, record.StartedAt) : null);
        record.Cost = CostCalculator.Cost(record.Usage, price) is { } cost ? cost + call.SunkCost : null;
        record.PriceVersion = price?.Version;
        record.UncountedBy = record.Cost is null ? UnpricedCall.HardBudget(call.Admission.Lease, backend)?.Name : null;
    }
}
