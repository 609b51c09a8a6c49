namespace Gateway.Core.Accounting;

/// <summary>Measures the text of an answer as it passes.</summary>
public struct OutputMeasure
{
    private long _bytes;

    public void Add(ReadOnlySpan<byte> jsonStringContent) => _bytes += jsonStringContent.Length;

    public void Add(OutputMeasure other) => _bytes += other._bytes;

    public readonly long Tokens => (_bytes + 3) / 4;
}
