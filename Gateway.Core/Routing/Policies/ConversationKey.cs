using System.Buffers.Binary;
using System.Text.Json;
using Gateway.Core.Relay;

namespace Gateway.Core.Routing.Policies;

/// <summary>
/// A number that stays the same while a conversation grows, on every node: a hash of the input up to the end of its first
/// message that is not the system's, or of its first 4 KiB.
/// </summary>
internal static class ConversationKey
{
    private const int MostBytes = 4096;

    public static ulong Of(RequestEnvelope? envelope) =>
        envelope is null || !envelope.Input.Exists ? 0 : envelope.Conversation ??= HashOf(envelope);

    private static ulong HashOf(RequestEnvelope envelope)
    {
        ReadOnlySpan<byte> input = envelope.Input.Of(envelope.Body.Span);
        input = input[..Math.Min(input.Length, MostBytes)];
        return Hash(input[..EndOfFirstTurn(input)], Hash(envelope.SystemContent.Exists ? Cut(envelope.SystemContent.Of(envelope.Body.Span)) : default, 0));
    }

    /// <summary>Spreads every bit over all of them: the finalizer of MurmurHash3.</summary>
    public static ulong Mix(ulong value)
    {
        value ^= value >> 33;
        value *= 0xff51afd7ed558ccd;
        value ^= value >> 33;
        value *= 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }

    /// <summary>The same on every machine and in every process, unlike <see cref="HashCode"/>.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed)
    {
        ulong hash = seed ^ ((ulong)bytes.Length * 0x9e3779b97f4a7c15);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 0x100000001b3;
        }
        return Mix(hash);
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> bytes) => bytes[..Math.Min(bytes.Length, MostBytes)];

    /// <summary>Where the first message of another role than the system's ends; all of it where none does.</summary>
    private static int EndOfFirstTurn(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty || input[0] != '[')
        {
            return input.Length;
        }
        var reader = new Utf8JsonReader(input, isFinalBlock: false, default);
        bool system = false;
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName when reader.CurrentDepth == 2 && reader.ValueTextEquals("role"u8):
                        system = reader.Read() && reader.TokenType == JsonTokenType.String
                            && (reader.ValueTextEquals("system"u8) || reader.ValueTextEquals("developer"u8));
                        break;
                    case JsonTokenType.EndObject when reader.CurrentDepth == 1:
                        if (!system)
                        {
                            return (int)reader.BytesConsumed;
                        }
                        system = false;
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // Cut in the middle of a character, perhaps; the bytes are as good a key.
        }
        return input.Length;
    }
}
