namespace Gateway.Core.Accounting;

/// <summary>
/// Learns, for one model, by which factor the estimator is off: the median of the last reports, for calls with and without
/// tools apart, since vendors wrap tools in prompts of very different length. Safe for concurrent use.
/// </summary>
public sealed class EstimateCalibration
{
    private const int AlwaysObserved = 64;

    private readonly MedianRatio _input = new();
    private readonly MedianRatio _inputWithTools = new();
    private readonly MedianRatio _output = new();
    private readonly MedianRatio _outputWithCalls = new();
    private int _calls;

    /// <summary>
    /// Whether the next reported call should be estimated and handed to <see cref="Observe"/>: the first ones all, later one
    /// in sixteen, so that a model that always reports costs next to nothing.
    /// </summary>
    public bool WantsObservation
    {
        get
        {
            int calls = Interlocked.Increment(ref _calls);
            return calls is > 0 and <= AlwaysObserved || (calls & 15) == 0;
        }
    }

    /// <summary>Takes in one call whose usage the upstream reported; what was not estimated or not reported (0) is left out.</summary>
    public void Observe(InputEstimate estimatedInput, long reportedInput, OutputMeasure measuredOutput, long reportedOutput)
    {
        InputRatio(estimatedInput).Observe(estimatedInput.Tokens, reportedInput);
        OutputRatio(measuredOutput).Observe(measuredOutput.Tokens, reportedOutput);
    }

    public long CorrectInput(InputEstimate estimate) => InputRatio(estimate).Correct(estimate.Tokens);

    public long CorrectOutput(OutputMeasure measured) => OutputRatio(measured).Correct(measured.Tokens);

    private MedianRatio InputRatio(InputEstimate estimate) => estimate.HasTools ? _inputWithTools : _input;

    private MedianRatio OutputRatio(OutputMeasure measured) => measured.HasToolCalls ? _outputWithCalls : _output;

    /// <summary>The last fifteen ratios: a single odd report, such as a search result that the vendor put in, moves nothing.</summary>
    private sealed class MedianRatio
    {
        private const int Memory = 15;

        private readonly float[] _ratios = new float[Memory];
        private int _count;

        public void Observe(long estimated, long reported)
        {
            if (estimated > 0 && reported > 0)
            {
                int n = Interlocked.Increment(ref _count) - 1;
                Volatile.Write(ref _ratios[(uint)n % Memory], (float)reported / estimated);
            }
        }

        public long Correct(long estimate)
        {
            int count = (int)Math.Min((uint)Volatile.Read(ref _count), Memory);
            if (count == 0)
            {
                return estimate;
            }
            Span<float> sorted = stackalloc float[Memory];
            _ratios.AsSpan(0, count).CopyTo(sorted);
            sorted = sorted[..count];
            sorted.Sort();
            // An even number has two in the middle, and ratios average by their logarithms.
            double ratio = Math.Sqrt((double)sorted[(count - 1) / 2] * sorted[count / 2]);
            return ratio > 0 ? Math.Max((long)Math.Round(estimate * ratio), estimate > 0 ? 1 : 0) : estimate;
        }
    }
}
