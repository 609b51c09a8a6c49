using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Gateway.Core.Relay;

/// <summary>
/// The names seen in one JSON object, to refuse duplicates: two readers that pick different ones of a pair would see two
/// different requests. Compares 64-bit hashes of the unescaped names, so <c>m\u006fdel</c> is <c>model</c>; a collision of
/// two different names costs its sender a 400 and nothing else.
/// </summary>
internal ref struct NameSet
{
    private const int Inline = 24;

    private InlineHashes _first;
    private HashSet<ulong>? _more;
    private int _count;

    /// <summary>False when the reader's current property name was seen before.</summary>
    public bool Add(ref Utf8JsonReader reader)
    {
        ulong hash = Hash(ref reader);
        for (int i = 0; i < Math.Min(_count, Inline); i++)
        {
            if (_first[i] == hash)
            {
                return false;
            }
        }
        if (_count < Inline)
        {
            _first[_count++] = hash;
            return true;
        }
        return (_more ??= []).Add(hash);
    }

    /// <summary>True when the name, given as it would be unescaped, was added.</summary>
    public readonly bool Contains(ReadOnlySpan<byte> name)
    {
        ulong hash = Hash(name);
        for (int i = 0; i < Math.Min(_count, Inline); i++)
        {
            if (_first[i] == hash)
            {
                return true;
            }
        }
        return _more?.Contains(hash) ?? false;
    }

    private static ulong Hash(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Hash(reader.ValueSpan);
        }
        Span<byte> unescaped = reader.ValueSpan.Length <= 256 ? stackalloc byte[256] : new byte[reader.ValueSpan.Length];
        int length = reader.CopyString(unescaped);
        return Hash(unescaped[..length]);
    }

    // FNV-1a.
    private static ulong Hash(ReadOnlySpan<byte> name)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in name)
        {
            hash = (hash ^ b) * 1099511628211;
        }
        return hash;
    }

    [InlineArray(Inline)]
    private struct InlineHashes
    {
        private ulong _element;
    }
}
