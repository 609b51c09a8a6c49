using System.Diagnostics.CodeAnalysis;
using Gateway.Core.Catalog;

namespace Gateway.Core.Accounting.Journaling;

/// <summary>The bytes of a running call in its slot: what is known when it is admitted, cut where a slot has no room.</summary>
internal static class InterruptedCallCodec
{
    [ThreadStatic]
    private static byte[]? Buffer;

    /// <summary>In a buffer of this thread's that the next call overwrites.</summary>
    public static ReadOnlySpan<byte> Encode(UsageRecord record, long input, int room)
    {
        ReadOnlySpan<byte> whole = Encode(record, input, names: true);
        return whole.Length <= room ? whole : Encode(record, input, names: false);
    }

    public static bool TryDecode(ReadOnlySpan<byte> payload, long output, [NotNullWhen(true)] out InterruptedCall? call)
    {
        var reader = new EntryReader(payload);
        var record = new UsageRecord { Id = reader.ReadGuid() };
        long ticks = reader.ReadSigned();
        record.StartedAt = ticks is > 0 and < 3_155_378_975_999_999_999 ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
        record.Operation = (Operation)reader.ReadSigned();
        record.Streamed = reader.ReadByte() != 0;
        record.ReservedTokens = reader.ReadSigned();
        record.ReservedCost = new NanoUsd(reader.ReadSigned());
        long input = reader.ReadSigned();
        record.KeyId = reader.ReadString();
        record.KeyPrefix = reader.ReadString();
        record.RequestId = reader.ReadString() ?? "";
        record.Model = reader.ReadString();
        record.KeyName = reader.ReadString();
        record.RequestedModel = reader.ReadString();
        record.Route = reader.ReadString();
        record.Path = reader.ReadString() ?? "";
        record.Admitted = true;
        call = reader.Failed || record.Id == Guid.Empty || record.StartedAt == default || !Enum.IsDefined(record.Operation) ? null : new InterruptedCall(record, input, output);
        return call is not null;
    }

    private static ReadOnlySpan<byte> Encode(UsageRecord record, long input, bool names)
    {
        var writer = new EntryWriter(Buffer ??= new byte[1024]);
        writer.WriteGuid(record.Id);
        writer.WriteSigned(record.StartedAt.UtcTicks);
        writer.WriteSigned((int)record.Operation);
        writer.WriteByte(record.Streamed ? (byte)1 : (byte)0);
        writer.WriteSigned(record.ReservedTokens);
        writer.WriteSigned(record.ReservedCost.Value);
        writer.WriteSigned(input);
        // 64 + 32 + 128 characters at most: these always fit. Names may be long and in any script.
        writer.WriteString(Cut(record.KeyId, 64));
        writer.WriteString(Cut(record.KeyPrefix, 32));
        writer.WriteString(Cut(record.RequestId, 128));
        if (names)
        {
            writer.WriteString(record.Model);
            writer.WriteString(record.KeyName);
            writer.WriteString(record.RequestedModel);
            writer.WriteString(record.Route);
            writer.WriteString(record.Path);
        }
        Buffer = writer.Buffer;
        return writer.Written;
    }

    private static string? Cut(string? text, int length) => text?.Length > length ? text[..length] : text;
}
