using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>A range of bytes in a body; a length of 0 is "not there".</summary>
public readonly record struct Slice(int Start, int Length)
{
    public int End => Start + Length;
    public bool Exists => Length > 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => body.Slice(Start, Length);

    /// <summary>Skips the value of an <c>error</c> field, on whose name the reader stands; not there where it is null or false, as some upstreams send with every answer.</summary>
    internal static Slice OfError(ref Utf8JsonReader reader)
    {
        reader.Read();
        long start = reader.TokenStartIndex;
        bool present = reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
        reader.Skip();
        return present ? Between(start, reader.BytesConsumed) : default;
    }

    public static Slice Between(long start, long end) => new((int)start, (int)(end - start));
}
