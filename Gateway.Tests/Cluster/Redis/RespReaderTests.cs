using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Redis;

public sealed class RespReaderTests
{
    [Fact]
    public void Read_EveryKind_IsWhatWasSent()
    {
        ReadOnlySequence<byte> buffer = Whole("+OK\r\n-ERR no such thing\r\n:-42\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n*2\r\n:1\r\n*1\r\n$0\r\n\r\nrest");

        Next(ref buffer).Text.ShouldBe("OK");
        Next(ref buffer).ErrorCode.ShouldBe("ERR");
        Next(ref buffer).Integer.ShouldBe(-42);
        Next(ref buffer).Text.ShouldBe("a\r\n");
        Next(ref buffer).Kind.ShouldBe(RedisReplyKind.Nil);
        Next(ref buffer).Kind.ShouldBe(RedisReplyKind.Nil);
        RedisReply array = Next(ref buffer);
        (array.Items[0].Integer, array.Items[1].Items[0].Text).ShouldBe((1, ""));
        Encoding.ASCII.GetString(buffer).ShouldBe("rest");
    }

    [Theory]
    [InlineData("!3\r\n")]
    [InlineData("\r\n")]
    [InlineData("+no carriage return\n")]
    [InlineData("$abc\r\n")]
    [InlineData(":\r\n")]
    [InlineData(":99999999999999999999\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$1048577\r\n")]
    [InlineData("$1\r\nabc")]
    [InlineData("*1025\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n")]
    public void Read_NotRespOrBeyondABound_IsInvalid(string text)
    {
        ReadOnlySequence<byte> buffer = Whole(text);

        RespReader.Read(ref buffer, out _).ShouldBe(RespStatus.Invalid);
    }

    [Fact]
    public void Read_ALineWithoutEnd_IsInvalidOnceItIsTooLong()
    {
        ReadOnlySequence<byte> some = Whole("+" + new string('x', 1000));
        ReadOnlySequence<byte> more = Whole("+" + new string('x', RespReader.MaxLineBytes + 1));

        RespReader.Read(ref some, out _).ShouldBe(RespStatus.Incomplete);
        RespReader.Read(ref more, out _).ShouldBe(RespStatus.Invalid);
    }

    [Fact]
    public void Read_AnyRepliesCutAnywhere_AreTheSame() =>
        Prop.ForAll(Replies(3).NonEmptyListOf().ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), (replies, piece) =>
        {
            byte[] all = Encoding.Latin1.GetBytes(string.Concat(replies));
            List<string> read = [];
            int have = 0;
            int done = 0;
            while (done < all.Length)
            {
                ReadOnlySequence<byte> buffer = InPieces(all[done..have], piece);
                long before = buffer.Length;
                switch (RespReader.Read(ref buffer, out RedisReply reply))
                {
                    case RespStatus.Complete:
                        read.Add(Format(reply));
                        done += (int)(before - buffer.Length);
                        break;
                    case RespStatus.Incomplete:
                        have.ShouldBeLessThan(all.Length);
                        have = Math.Min(all.Length, have + piece);
                        break;
                    default:
                        Assert.Fail("What is valid was refused.");
                        break;
                }
            }
            string.Concat(read).ShouldBe(string.Concat(replies));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_AnyBytes_NeverThrowsAndNeverTakesMoreThanThereIs() =>
        Prop.ForAll(Gen.Elements("+-:$*\r\n01239a\0"u8.ToArray()).ArrayOf().Resize(60).ToArbitrary(), bytes =>
        {
            ReadOnlySequence<byte> buffer = InPieces(bytes, 3);
            while (RespReader.Read(ref buffer, out _) == RespStatus.Complete)
            {
                buffer.Length.ShouldBeLessThanOrEqualTo(bytes.Length);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void Command_IsAnArrayOfBulkStrings() =>
        Encoding.UTF8.GetString(new RespCommand("SET", "ä").Add(-7).ToBytes().Span).ShouldBe("*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$2\r\n-7\r\n");

    private static Gen<string> Replies(int depth)
    {
        Gen<string> line = Gen.Elements("", "OK", "ERR x y", "a b");
        Gen<string> bulk = Gen.Elements("x", "\r\n", "$5\r\nhello", "\0\u00ff").Select(s => $"${s.Length}\r\n{s}\r\n");
        Gen<string>[] plain = [line.Select(l => $"+{l}\r\n"), line.Select(l => $"-{l}\r\n"), Gen.Choose(-5, 100000).Select(n => $":{n}\r\n"), bulk];
        return depth <= 1 ? Gen.OneOf(plain)
            : Gen.OneOf([.. plain, Replies(depth - 1).ListOf().Select(items => $"*{items.Count}\r\n{string.Concat(items)}")]).Resize(4);
    }

    private static string Format(RedisReply reply) => reply.Kind switch
    {
        RedisReplyKind.Integer => $":{reply.Integer}\r\n",
        RedisReplyKind.Error => $"-{reply.Text}\r\n",
        RedisReplyKind.Array => $"*{reply.Items.Length}\r\n{string.Concat(reply.Items.Select(Format))}",
        _ => Encoding.Latin1.GetString(reply.Bytes!) is var text && text is "" or "OK" or "ERR x y" or "a b" ? AmbiguousText(text) : $"${text.Length}\r\n{text}\r\n",
    };

    // A line and a bulk read alike; the generator's are told apart by their content.
    private static string AmbiguousText(string text) => $"+{text}\r\n";

    private static RedisReply Next(ref ReadOnlySequence<byte> buffer)
    {
        RespReader.Read(ref buffer, out RedisReply reply).ShouldBe(RespStatus.Complete);
        return reply;
    }

    private static ReadOnlySequence<byte> Whole(string text) => new(Encoding.UTF8.GetBytes(text));

    private static ReadOnlySequence<byte> InPieces(byte[] bytes, int size)
    {
        Piece? first = null;
        Piece? last = null;
        foreach (byte[] piece in bytes.Chunk(size))
        {
            last = new Piece(piece, last);
            first ??= last;
        }
        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
