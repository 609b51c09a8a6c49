using System.Buffers.Binary;
using System.Numerics;

namespace Gateway.Core;

/// <summary>
/// Which trace a call is part of, as in W3C Trace Context. Span ids are made from the call's own random id and a number, so that
/// neither a random source nor an object is needed for them.
/// </summary>
/// <param name="High">First half of the trace id.</param>
/// <param name="Low">Second half of the trace id.</param>
/// <param name="Parent">The caller's span; 0 is none.</param>
/// <param name="Flags">As in the header; the lowest bit says that the trace is recorded.</param>
public readonly record struct TraceContext(ulong High, ulong Low, ulong Parent, byte Flags)
{
    private const byte Sampled = 1;

    /// <summary>Length of a <c>traceparent</c> of version 00.</summary>
    private const int HeaderLength = 55;

    /// <summary>The caller's <c>tracestate</c>, passed on as it is; null for none.</summary>
    public string? State { get; init; }

    /// <summary>False: nobody said which trace it is.</summary>
    public bool Exists => (High | Low) != 0;

    /// <summary>The trace is recorded.</summary>
    public bool IsSampled => (Flags & Sampled) != 0;

    /// <summary>32 hexadecimal digits.</summary>
    public string TraceId => string.Create(32, this, static (text, trace) => trace.WriteId(text));

    /// <summary>Reads a <c>traceparent</c>; of a later version what it shares with version 00, as the standard wants it.</summary>
    /// <returns>False when it is malformed: then there is none, and <c>tracestate</c> does not count either.</returns>
    public static bool TryParse(ReadOnlySpan<char> header, out TraceContext trace)
    {
        trace = default;
        if (header.Length < HeaderLength || header[2] != '-' || header[35] != '-' || header[52] != '-'
            || !TryHex(header[..2], out ulong version) || version == 0xFF
            || (header.Length > HeaderLength && (version == 0 || header[HeaderLength] != '-'))
            || !TryHex(header.Slice(3, 16), out ulong high) || !TryHex(header.Slice(19, 16), out ulong low)
            || !TryHex(header.Slice(36, 16), out ulong parent) || !TryHex(header.Slice(53, 2), out ulong flags)
            || (high | low) == 0 || parent == 0)
        {
            return false;
        }
        trace = new TraceContext(high, low, parent, (byte)flags);
        return true;
    }

    /// <summary>The trace of a call: the caller's, or else a new one.</summary>
    /// <param name="sent">The caller's; one that does not exist makes a new one.</param>
    /// <param name="call">The call's id in the books, random for the most part.</param>
    public static TraceContext Of(in TraceContext sent, Guid call, in TraceSampling sampling)
    {
        TraceContext trace = sent;
        if (!sent.Exists)
        {
            (ulong high, ulong low) = HalvesOf(call);
            trace = new TraceContext(high, low, 0, 0);
        }
        else if (!sampling.IgnoresParent)
        {
            return sent;
        }
        return trace with { Flags = (byte)(sampling.Takes(trace) ? trace.Flags | Sampled : trace.Flags & ~Sampled) };
    }

    /// <summary>A span's id, never 0.</summary>
    /// <param name="call">The call's id in the books.</param>
    /// <param name="number">0 is the call itself, its attempts count from 1.</param>
    public static ulong SpanOf(Guid call, int number)
    {
        // SplitMix64: what differs in one bit differs in half of them afterwards.
        (ulong high, ulong low) = HalvesOf(call);
        ulong mixed = (low ^ BitOperations.RotateLeft(high, 32)) + (((ulong)number + 1) * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (mixed ^ (mixed >> 31)) is var id and not 0 ? id : 1;
    }

    /// <summary>The <c>traceparent</c> of what a span calls.</summary>
    public string ToHeader(ulong span) => string.Create(HeaderLength, (Trace: this, span), static (text, of) =>
    {
        "00-".CopyTo(text);
        of.Trace.WriteId(text[3..]);
        text[35] = '-';
        WriteHex(of.span, text[36..]);
        text[52] = '-';
        Convert.TryToHexStringLower([of.Trace.Flags], text[53..], out _);
    });

    private static (ulong High, ulong Low) HalvesOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return (BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }

    private void WriteId(Span<char> text)
    {
        WriteHex(High, text);
        WriteHex(Low, text[16..]);
    }

    // Without a format string, which would be read with every call.
    private static void WriteHex(ulong value, Span<char> text)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Convert.TryToHexStringLower(bytes, text, out _);
    }

    // The standard wants lower case, which the framework's parsers do not insist on.
    private static bool TryHex(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        foreach (char c in text)
        {
            int digit = c switch { >= '0' and <= '9' => c - '0', >= 'a' and <= 'f' => c - 'a' + 10, _ => -1 };
            if (digit < 0)
            {
                return false;
            }
            value = (value << 4) | (uint)digit;
        }
        return true;
    }
}

/// <summary>Which traces are recorded.</summary>
/// <param name="IgnoresParent">The caller's decision does not count; else it does, and only traces that begin here are decided on.</param>
/// <param name="Threshold">So many of 2^56 traces are taken; 0, the default, takes none.</param>
public readonly record struct TraceSampling(bool IgnoresParent, ulong Threshold)
{
    /// <summary>The <see cref="Threshold"/> that takes every trace.</summary>
    public const ulong All = 1UL << 56;

    /// <summary>Whether this trace is taken: by the part of its id that is random, so that every service decides alike.</summary>
    public bool Takes(in TraceContext trace) => (trace.Low & (All - 1)) < Threshold;
}
