using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Failover;

/// <summary>What the answer used, and what attempts cost that it is not, or not only, from.</summary>
internal sealed partial class Call
{
    // Ten times the largest context that there is.
    private const long MostTokens = 100_000_000;

    /// <summary>What the upstream reported; <see cref="UsageSource.None"/> if it did not.</summary>
    public Usage Reported { get; private set; }

    /// <summary>
    /// How much output there is was reported. Input without any output is no count of an answer that holds some, as of servers that
    /// leave it out; nothing of both is what some servers say of a call that they do not charge.
    /// </summary>
    public bool OutputReported => Reported.Source != UsageSource.None
        && (Reported.OutputTokens > 0 || Reported.InputTokens == 0 || !Envelope.Operation.Generates());

    /// <summary>Text that was sent on, measured in case nothing is reported.</summary>
    public OutputMeasure Output;

    /// <summary>What is reported for this call teaches the model's calibration: input and output are estimated as well.</summary>
    public bool Calibrating { get; private set; }

    /// <summary>Output tokens that have been sent on, reported or estimated.</summary>
    public long OutputSoFar => Math.Max(Reported.OutputTokens, Output.Tokens);

    /// <summary>
    /// What an answer used that did not come to its end. Some upstreams report output at a stream's start, of a token or two, and
    /// then at its end: all that was sent counts where that is more, and is estimated.
    /// </summary>
    public Usage UsageSoFar =>
        Reported.Source != UsageSource.None && Output.Tokens > Reported.OutputTokens && (Output.Tokens > _outputAtReport || Reported.OutputTokens == 0)
            ? Reported with { Source = UsageSource.Estimated, OutputTokens = Output.Tokens }
            : Reported;

    private long _outputAtReport;

    /// <summary>
    /// Takes what the upstream says it used. Less than nothing, or more than any model can, is no count, and is estimated as where
    /// there is none: it would spend a month's budget at once.
    /// </summary>
    public void Report(Usage usage)
    {
        if (usage.InputTokens is < 0 or > MostTokens || usage.OutputTokens is < 0 or > MostTokens)
        {
            return;
        }
        if (Reported.Source == UsageSource.None)
        {
            Calibrating = Plan.Model is { } model && model.State.Calibration.WantsObservation;
        }
        _outputAtReport = Output.Tokens;
        (long input, long output) = (usage.InputTokens, usage.OutputTokens);
        Reported = usage with
        {
            CachedInputTokens = Math.Clamp(usage.CachedInputTokens, 0, input),
            CacheWriteTokens = Math.Clamp(usage.CacheWriteTokens, 0, input),
            LongCacheWriteTokens = Math.Clamp(usage.LongCacheWriteTokens, 0, input),
            ReasoningTokens = Math.Clamp(usage.ReasoningTokens, 0, output),
        };
    }

    /// <summary>
    /// The answer is not passed on to its end, for what it holds. What it used until then counts; and an upstream that keeps its
    /// answers has one that is not to be gone on with.
    /// </summary>
    /// <param name="whole">The upstream was heard to its end, so that what it reports is all there is.</param>
    public void CutShort(bool whole)
    {
        if (!whole)
        {
            Reported = UsageSoFar;
        }
        Calibrating = false;
        KeptUpstream = null;
        Record.FinishReason = "content_filter";
    }

    /// <summary>
    /// Drops what an attempt brought that failed before the client got any of it: nobody bills it, and it must not stand for
    /// what the next attempt uses.
    /// </summary>
    public void ForgetAnswer()
    {
        if (_before is { } before)
        {
            (Reported, _, Output, Backend) = before;
            _before = null;
            return;
        }
        Reported = default;
        Output = default;
        AnsweredModel = null;
        (Answer, KeptUpstream, IsMadeLater) = (default, null, false);
        Record.FinishReason = null;
    }

    /// <summary>Tokens of attempts that the answer is not, or not only, from; estimated.</summary>
    public long SunkTokens { get; private set; }

    /// <summary>What these attempts cost, as far as it is known.</summary>
    public NanoUsd SunkCost { get; private set; }

    /// <summary>Once it is settled: what the attempt cost that was answered from; zero where no price is known.</summary>
    public NanoUsd AnswerCost => Record.Cost is { } cost ? new NanoUsd(cost.Value - SunkCost.Value) : NanoUsd.Zero;

    private (Usage Reported, Usage Used, OutputMeasure Output, Backend Backend)? _before;

    /// <summary>Books what an attempt cost beside the answer's own. The cost is null where no price is known.</summary>
    public (long Tokens, NanoUsd? Cost) Sink(Backend backend, Usage used)
    {
        NanoUsd? cost = CostCalculator.Cost(used, Snapshot.Prices.Find(backend.UpstreamModel, backend.Provider, Record.StartedAt));
        SunkTokens += used.TotalTokens;
        SunkCost += cost ?? NanoUsd.Zero;
        return (used.TotalTokens, cost);
    }

    // The last attempt that an upstream may bill although it brought nothing.
    private (Backend Backend, int Index, Usage Used, NanoUsd Cost)? _unanswered;

    /// <summary>
    /// Books the input of an attempt that nobody waits for any more, as estimated. Its record is about to be added.
    /// </summary>
    public long SinkUnanswered(Backend backend, out NanoUsd? cost)
    {
        var used = new Usage(UsageSource.Estimated, InputHeld, 0, 0, 0, 0);
        (long tokens, cost) = Sink(backend, used);
        _unanswered = (backend, _attempts.Count, used, cost ?? NanoUsd.Zero);
        return tokens;
    }

    /// <summary>Where the call ends with such an attempt, that is not sunk beside an answer, but what the call itself used; null where it does not.</summary>
    public Usage? TakeUnanswered()
    {
        if (_unanswered is not { } last || last.Backend != Backend)
        {
            return null;
        }
        _unanswered = null;
        SunkTokens -= last.Used.TotalTokens;
        SunkCost -= last.Cost;
        _attempts[last.Index] = _attempts[last.Index] with { SunkCost = null };
        return last.Used;
    }

    /// <summary>An answer that broke is about to be gone on with: the figures of what was sent are kept until something more is.</summary>
    public void BeginContinuation()
    {
        _before = (Reported, UsageSoFar, Output, Backend!);
        (Reported, Output) = (default, default);
    }

    /// <summary>It goes on: what the broken attempt used is sunk.</summary>
    public void KeepContinuation()
    {
        if (_before is not { } before)
        {
            return;
        }
        _before = null;
        Usage used = before.Used.Source != UsageSource.None ? before.Used : new Usage(UsageSource.Estimated, InputHeld, 0, 0, before.Output.Tokens, 0);
        (_, NanoUsd? cost) = Sink(before.Backend, used);
        int index = _attempts.FindLastIndex(a => a.BackendId == before.Backend.Id);
        if (index >= 0)
        {
            _attempts[index] = _attempts[index] with { SunkCost = cost };
        }
    }
}
