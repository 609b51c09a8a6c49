using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting;

/// <summary>
/// Estimates tokens from JSON bodies in UTF-8, where an upstream reports none. It reads the bytes once, decodes and copies
/// nothing, and never looks into embedded pictures and files. Correct the result by the model's <see cref="EstimateCalibration"/>.
/// </summary>
public static class TokenEstimator
{
    /// <summary>Input tokens of a request body, which must be JSON (it is not checked here).</summary>
    public static InputEstimate EstimateInput(Operation operation, ReadOnlySpan<byte> body)
    {
        var scan = new InputScan(operation);
        scan.Read(body);
        return new InputEstimate(scan.Tokens, scan.HasTools);
    }

    /// <summary>The output of a whole answer body (not a stream), which must be JSON; nothing for embeddings.</summary>
    public static OutputMeasure MeasureOutput(Operation operation, ReadOnlySpan<byte> body)
    {
        var scan = new OutputScan();
        if (operation.Generates())
        {
            scan.Read(body);
        }
        return scan.Measure;
    }
}

/// <summary>An estimate, and what it depends on most.</summary>
/// <param name="HasTools">Tools are declared, around which vendors put prompts of very different length: calibrated apart.</param>
public readonly record struct InputEstimate(long Tokens, bool HasTools);
