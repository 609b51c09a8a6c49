using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>What a call may use and cost at most, as far as that can be known before it is made; what to hold when it uses more.</summary>
internal static class Reservation
{
    // A stream that outgrows its reservation takes more in steps, so that not every chunk asks for some.
    private const int StepTokens = 256;

    // More than any model writes in one answer, and more than any call costs. Who asks for more holds this much, and takes more as
    // the answer comes: a figure in a request must neither lock out all others nor leave what numbers hold.
    private const long MostOutputTokens = 1_000_000;
    private const long MostMoney = 1_000_000 * NanoUsd.PerDollar;

    /// <summary>Input as estimated, and the most output that request, model or settings allow.</summary>
    public static long Tokens(Call call)
    {
        call.InputHeld = call.Plan.Model?.State.Calibration.CorrectInput(call.Envelope.QuickEstimate) ?? call.Envelope.QuickEstimate.Tokens;
        return call.InputHeld + (Output(call) * Math.Max(call.Envelope.Choices, call.Envelope.BestOf));
    }

    /// <summary>The dearest of the plan's backends at these tokens; zero where no price is known, or no budget asks.</summary>
    public static NanoUsd Money(Call call, LimitLease lease)
    {
        if (!HasBudget(lease))
        {
            return NanoUsd.Zero;
        }
        long most = 0;
        foreach (RouteStep step in call.Plan.Steps)
        {
            foreach (Backend backend in step.Backends)
            {
                most = Math.Max(most, Money(call, backend).Value);
            }
        }
        return new NanoUsd(most);
    }

    /// <summary>What the call may cost at most at this backend.</summary>
    public static NanoUsd Money(Call call, Backend backend) =>
        call.Snapshot.Prices.Find(backend.UpstreamModel, backend.Provider, call.Record.StartedAt) is { } price
            ? MoneyOf(price, call.InputHeld, call.TokensReserved - call.InputHeld)
            : NanoUsd.Zero;

    /// <summary>
    /// Notes how far the answer that runs has come, and holds more once it has used more than was reserved. Costs two
    /// comparisons until then.
    /// </summary>
    public static void KeepUp(Call call)
    {
        call.NoteProgress();
        if (call.Admission.Lease is not { } lease)
        {
            return;
        }
        long output = Math.Max(call.Reported.OutputTokens, call.Output.Tokens);
        if (output + call.SunkTokens <= lease.Tokens - call.InputHeld)
        {
            return;
        }
        long held = call.SunkTokens + call.InputHeld + output + StepTokens;
        NanoUsd money = call.Backend is { } backend && HasBudget(lease)
            && call.Snapshot.Prices.Find(backend.UpstreamModel, backend.Provider, call.Record.StartedAt) is { } price
                ? MoneyOf(price, call.InputHeld, output + StepTokens)
                : NanoUsd.Zero;
        call.Admission.Extend(held, money + call.SunkCost);
    }

    private static long Output(Call call)
    {
        RequestEnvelope envelope = call.Envelope;
        // Pictures are paid for by output tokens, too; sound is too seldom counted in tokens to reserve any.
        bool outputCounts = envelope.Operation.Generates() || envelope.Operation is Operation.ImageGenerations or Operation.ImageEdits;
        long output = outputCounts ? call.Options.AssumedOutputTokens : 0;
        if (envelope.MaxOutputTokens is { } asked && output > 0)
        {
            output = asked;
        }
        return Math.Min(output, call.Plan.Model?.MaxOutputTokens ?? MostOutputTokens);
    }

    // Input may be written to the upstream's cache, which some charge more for.
    private static NanoUsd MoneyOf(ModelPrice price, long input, long output)
    {
        var plain = new Usage(UsageSource.Estimated, input, 0, 0, output, 0);
        NanoUsd? cost = CostCalculator.Cost(plain, price);
        NanoUsd? cached = price.CacheWritePerMillion is null ? cost : CostCalculator.Cost(plain with { CacheWriteTokens = input }, price);
        return new NanoUsd(Math.Min(MostMoney, Math.Max(cost?.Value ?? 0, cached?.Value ?? 0)));
    }

    private static bool HasBudget(LimitLease lease)
    {
        foreach (LimitScope scope in lease.Scopes)
        {
            if (scope.Budgets.Length > 0)
            {
                return true;
            }
        }
        return false;
    }
}
