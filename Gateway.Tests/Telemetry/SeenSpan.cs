using System.Buffers.Binary;
using System.Text;

namespace Gateway.Tests.Telemetry;

/// <summary>A span as a collector reads it, by a reader of Protocol Buffers that knows nothing of the gateway's writer.</summary>
internal sealed record SeenSpan(
    string TraceId, string Id, string? Parent, string State, string Name, int Kind, ulong Start, ulong End, int Status, IReadOnlyDictionary<string, object> Attributes)
{
    /// <summary>All spans of an <c>ExportTraceServiceRequest</c>.</summary>
    public static IReadOnlyList<SeenSpan> Of(ReadOnlySpan<byte> request) =>
        [.. Messages(request, 1).SelectMany(resource => Messages(resource, 2)).SelectMany(scope => Messages(scope, 2)).Select(s => Read(s))];

    /// <summary>The attributes of its resource.</summary>
    public static IReadOnlyDictionary<string, object> ResourceOf(ReadOnlySpan<byte> request) => AttributesOf(Messages(Messages(request, 1)[0], 1)[0], 1);

    private static SeenSpan Read(byte[] span)
    {
        string? Hex(int field) => Messages(span, field) is [var bytes] ? Convert.ToHexStringLower(bytes) : null;
        string Text(int field) => Messages(span, field) is [var bytes] ? Encoding.UTF8.GetString(bytes) : "";
        int status = Messages(span, 15) is [var s] ? (int)Numbers(s, 3).Single() : 0;
        return new SeenSpan(Hex(1)!, Hex(2)!, Hex(4), Text(3), Text(5), (int)Numbers(span, 6).Single(), Numbers(span, 7).Single(), Numbers(span, 8).Single(), status, AttributesOf(span, 9));
    }

    private static Dictionary<string, object> AttributesOf(byte[] message, int field) =>
        Messages(message, field).ToDictionary(p => Encoding.UTF8.GetString(Messages(p, 1).Single()), p => ValueOf(Messages(p, 2).Single()));

    private static object ValueOf(byte[] any) =>
        Messages(any, 1) is [var text] ? Encoding.UTF8.GetString(text)
        : Messages(any, 5) is [var array] ? string.Join(',', Messages(array, 1).Select(ValueOf))
        : Numbers(any, 2) is [var flag] ? flag == 1
        : (long)Numbers(any, 3).Single();

    private static List<byte[]> Messages(ReadOnlySpan<byte> message, int field) => [.. Fields(message).Where(f => f.Field == field && f.Bytes is not null).Select(f => f.Bytes!)];

    private static List<ulong> Numbers(ReadOnlySpan<byte> message, int field) => [.. Fields(message).Where(f => f.Field == field && f.Bytes is null).Select(f => f.Number)];

    private static List<(int Field, ulong Number, byte[]? Bytes)> Fields(ReadOnlySpan<byte> rest)
    {
        var fields = new List<(int, ulong, byte[]?)>();
        while (!rest.IsEmpty)
        {
            ulong tag = Varint(ref rest);
            int field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    fields.Add((field, Varint(ref rest), null));
                    break;
                case 1:
                    fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(rest), null));
                    rest = rest[8..];
                    break;
                case 5:
                    fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(rest), null));
                    rest = rest[4..];
                    break;
                case 2:
                    int length = (int)Varint(ref rest);
                    fields.Add((field, 0, rest[..length].ToArray()));
                    rest = rest[length..];
                    break;
                default:
                    throw new InvalidDataException($"Field {field} has a type that is not in use.");
            }
        }
        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> rest)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = rest[0];
            rest = rest[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
