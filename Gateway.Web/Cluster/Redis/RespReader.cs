using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gateway.Web.Cluster.Redis;

internal enum RespStatus
{
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>Not RESP2, or beyond a bound: the connection is of no more use.</summary>
    Invalid,
}

/// <summary>Reads RESP2 replies out of whatever bytes have come so far. Bounded, and never throws for anything it reads.</summary>
internal static class RespReader
{
    public const int MaxBulkBytes = 1024 * 1024;
    public const int MaxItems = 1024;
    public const int MaxDepth = 4;
    public const int MaxLineBytes = 16 * 1024;

    /// <param name="buffer">Starts behind the reply when it is complete; else unchanged.</param>
    public static RespStatus Read(ref ReadOnlySequence<byte> buffer, out RedisReply reply)
    {
        var reader = new SequenceReader<byte>(buffer);
        RespStatus status = Read(ref reader, depth: 1, out reply);
        if (status == RespStatus.Complete)
        {
            buffer = buffer.Slice(reader.Position);
        }
        return status;
    }

    private static RespStatus Read(ref SequenceReader<byte> reader, int depth, out RedisReply reply)
    {
        reply = default;
        if (!reader.TryRead(out byte type))
        {
            return RespStatus.Incomplete;
        }
        if (type is not ((byte)'+' or (byte)'-' or (byte)':' or (byte)'$' or (byte)'*'))
        {
            return RespStatus.Invalid;
        }
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            return reader.Remaining > MaxLineBytes ? RespStatus.Invalid : RespStatus.Incomplete;
        }
        if (line.Length is 0 or > MaxLineBytes || line.Slice(line.Length - 1).FirstSpan[0] != '\r')
        {
            return RespStatus.Invalid;
        }
        line = line.Slice(0, line.Length - 1);
        switch (type)
        {
            case (byte)'+':
                reply = RedisReply.OfText(line.ToArray());
                return RespStatus.Complete;
            case (byte)'-':
                reply = RedisReply.OfError(Encoding.UTF8.GetString(line));
                return RespStatus.Complete;
        }
        if (!TryParse(line, out long number))
        {
            return RespStatus.Invalid;
        }
        if (type == ':')
        {
            reply = RedisReply.OfInteger(number);
            return RespStatus.Complete;
        }
        if (number == -1)
        {
            return RespStatus.Complete;
        }
        return type == '$' ? ReadBulk(ref reader, number, out reply) : ReadArray(ref reader, number, depth, out reply);
    }

    private static RespStatus ReadBulk(ref SequenceReader<byte> reader, long length, out RedisReply reply)
    {
        reply = default;
        if (length is < 0 or > MaxBulkBytes)
        {
            return RespStatus.Invalid;
        }
        if (reader.Remaining < length + 2)
        {
            return RespStatus.Incomplete;
        }
        byte[] bytes = reader.UnreadSequence.Slice(0, length).ToArray();
        reader.Advance(length);
        if (!reader.IsNext("\r\n"u8, advancePast: true))
        {
            return RespStatus.Invalid;
        }
        reply = RedisReply.OfText(bytes);
        return RespStatus.Complete;
    }

    private static RespStatus ReadArray(ref SequenceReader<byte> reader, long count, int depth, out RedisReply reply)
    {
        reply = default;
        if (count is < 0 or > MaxItems || depth >= MaxDepth)
        {
            return RespStatus.Invalid;
        }
        var items = new RedisReply[count];
        for (int i = 0; i < items.Length; i++)
        {
            RespStatus status = Read(ref reader, depth + 1, out items[i]);
            if (status != RespStatus.Complete)
            {
                return status;
            }
        }
        reply = RedisReply.OfArray(items);
        return RespStatus.Complete;
    }

    private static bool TryParse(ReadOnlySequence<byte> line, out long number)
    {
        number = 0;
        if (line.Length is 0 or > 20)
        {
            return false;
        }
        Span<byte> digits = stackalloc byte[20];
        line.CopyTo(digits);
        digits = digits[..(int)line.Length];
        return Utf8Parser.TryParse(digits, out number, out int read) && read == digits.Length;
    }
}
