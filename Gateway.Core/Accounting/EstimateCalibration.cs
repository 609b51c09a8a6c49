namespace Gateway.Core.Accounting;

/// <summary>
/// Learns, for one model, how far the estimator is off: a running mean of the logarithm of reported over estimated tokens,
/// for input and output apart. Safe for concurrent use; a lost update costs accuracy only.
/// </summary>
public sealed class EstimateCalibration
{
    // The first observations count fully, later ones as in a mean over the last 50.
    private const int Memory = 50;

    private double _inputLog;
    private double _outputLog;
    private int _inputCount;
    private int _outputCount;

    /// <summary>Takes in one call whose usage the upstream reported.</summary>
    public void Observe(long estimatedInput, long reportedInput, long estimatedOutput, long reportedOutput)
    {
        Update(ref _inputLog, ref _inputCount, estimatedInput, reportedInput);
        Update(ref _outputLog, ref _outputCount, estimatedOutput, reportedOutput);
    }

    public long CorrectInput(long estimate) => Correct(estimate, _inputLog);

    public long CorrectOutput(long estimate) => Correct(estimate, _outputLog);

    private static void Update(ref double mean, ref int count, long estimated, long reported)
    {
        if (estimated <= 0 || reported <= 0)
        {
            return;
        }
        int n = Math.Min(Interlocked.Increment(ref count), Memory);
        double current = Volatile.Read(ref mean);
        Volatile.Write(ref mean, current + ((Math.Log((double)reported / estimated) - current) / n));
    }

    private static long Correct(long estimate, double log) => (long)Math.Round(estimate * Math.Exp(log));
}
