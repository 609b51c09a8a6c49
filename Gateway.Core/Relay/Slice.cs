namespace Gateway.Core.Relay;

/// <summary>A range of bytes in a body; a length of 0 is "not there".</summary>
public readonly record struct Slice(int Start, int Length)
{
    public int End => Start + Length;
    public bool Exists => Length > 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => body.Slice(Start, Length);

    public static Slice Between(long start, long end) => new((int)start, (int)(end - start));
}
