using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>
/// The eight bytes before each payload, written as one word: length below, checksum above. A word is first claimed (length,
/// not published, no checksum) and replaced when the payload is in place, so that a reader of a dead writer's file can step
/// over a claim that was never fulfilled. Zero is the end of what was written.
/// </summary>
internal static class JournalEntry
{
    public const int HeaderBytes = 8;

    /// <summary>No more entries in this segment: the next one did not fit.</summary>
    public const ulong Sealed = 0x7FFF_FFFF;

    private const uint PublishedBit = 0x8000_0000;

    public static ulong Claim(int length) => (uint)length;

    public static ulong Published(int length, uint checksum) => ((ulong)checksum << 32) | PublishedBit | (uint)length;

    /// <summary>True for an entry that somebody began to write.</summary>
    public static bool IsClaim(ulong header) => header is > 0 and < Sealed;

    public static bool IsPublished(ulong header) => ((uint)header & PublishedBit) != 0;

    public static int Length(ulong header) => (int)((uint)header & ~PublishedBit);

    public static uint Checksum(ulong header) => (uint)(header >> 32);

    /// <summary>Room that an entry takes: entries start at multiples of eight, for the word to be written in one piece.</summary>
    public static int Size(int length) => (HeaderBytes + length + 7) & ~7;

    /// <summary>CRC-32C of the payload, begun with where it stands, so that stale bytes of another place do not pass.</summary>
    public static uint Checksum(ReadOnlySpan<byte> payload, long segment, int offset)
    {
        uint crc = BitOperations.Crc32C(BitOperations.Crc32C(~0u, (ulong)segment), (uint)offset);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(payload);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }
        foreach (byte rest in payload[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }
        return ~crc;
    }
}
