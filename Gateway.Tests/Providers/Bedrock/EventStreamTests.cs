using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers.Bedrock.EventStream;
using Gateway.Tests.Corpus;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.Bedrock;

/// <summary>The first six tests use the vectors that AWS's SDKs share for this format.</summary>
public class EventStreamTests
{
    private const string OneHeader = "0000003D0000002007FD83960C636F6E74656E742D747970650700106170706C69636174696F6E2F6A736F6E7B27666F6F273A27626172277D8D9C08B1";

    [Theory]
    [InlineData("00000010000000000 5C248EB7D98C8FF", "")]
    [InlineData("0000001D00000000FD528C5A7B27666F6F273A27626172277DC3653936", "{'foo':'bar'}")]
    [InlineData("0000002B0000000E348BEC7B086576656E742D6964040000A00C7B27666F6F273A27626172277DD3890285", "{'foo':'bar'}")]
    [InlineData(OneHeader, "{'foo':'bar'}")]
    public void TryRead_PublishedMessage_IsReadWhole(string hex, string payload)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        EventStreamMessage.TryRead(bytes, out EventStreamMessage message).ShouldBeTrue();

        message.Length.ShouldBe(bytes.Length);
        Encoding.UTF8.GetString(message.Payload).ShouldBe(payload);
    }

    [Fact]
    public void Header_StringAmongOthers_IsFound()
    {
        EventStreamMessage.TryRead(Convert.FromHexString(OneHeader), out EventStreamMessage message).ShouldBeTrue();

        Encoding.UTF8.GetString(message.Header("content-type"u8)).ShouldBe("application/json");
        message.Header("other"u8).IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData("0000003D0000002007FD83960C636F6E74656E742B747970650700106170706C69636174696F6E2F6A736F6E7B27666F6F273A27626172277D8D9C08B1")]
    [InlineData("0000003D0000012007FD83960C636F6E74656E742D747970650700106170706C69636174696F6E2F6A736F6E7B27666F6F273A27626172277D8D9C08B1")]
    [InlineData("0100001D00000000FD528C5A7B27666F6F273A27626172277DC3653936")]
    [InlineData("0000001D00000000FD528C5A7B27666F6F273A27626172278DC3653936")]
    public void TryRead_PublishedDamage_IsRefused(string hex) =>
        Should.Throw<GenerationFormatException>(() => EventStreamMessage.TryRead(Convert.FromHexString(hex), out _));

    [Fact]
    public void Writer_Event_ReadsBackTheSame()
    {
        var output = new ArrayBufferWriter<byte>();
        EventStreamWriter.WriteEvent("messageStart"u8, """{"role":"assistant"}"""u8, output);
        EventStreamWriter.WriteException("throttlingException"u8, """{"message":"Too many requests"}"""u8, output);

        Frames(output.WrittenSpan.ToArray(), 1).ShouldBe(
        [
            ("messageStart", """{"role":"assistant"}"""),
            ("exception", """{"type":"throttlingException","message":"Too many requests"}"""),
        ]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void TryRead_RecordedStreams_GiveTheSameEventsHoweverTheyAreCut(int piece)
    {
        int events = 0;
        foreach (RecordedExchange exchange in RecordedExchange.Read("bedrock.converse").Where(e => e.Stream && e.Status == 200))
        {
            List<(string Name, string Data)> frames = Frames(exchange.Response, piece);
            frames[0].Name.ShouldBe("messageStart");
            frames[^1].Name.ShouldBe("metadata");
            frames.ShouldAllBe(f => JsonElement.Parse(f.Data).ValueKind == JsonValueKind.Object);
            events += frames.Count;
        }
        events.ShouldBeGreaterThan(400);
    }

    [Fact]
    public void TryRead_AnyByteChangedAnywhere_IsNeverBelieved()
    {
        var output = new ArrayBufferWriter<byte>();
        EventStreamWriter.WriteEvent("contentBlockDelta"u8, """{"contentBlockIndex":0,"delta":{"text":"Hello"}}"""u8, output);
        byte[] whole = output.WrittenSpan.ToArray();

        Check.QuickThrowOnFailure(Prop.ForAll(Gen.Choose(0, whole.Length - 1).ToArbitrary(), Gen.Choose(1, 255).ToArbitrary(), (at, change) =>
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= (byte)change;
            try
            {
                return !new EventStreamFraming().TryRead(damaged, end: true, out _);
            }
            catch (GenerationFormatException)
            {
                return true;
            }
        }));
    }

    [Fact]
    public void TryRead_AnyBytes_NothingElseEscapes()
    {
        Check.QuickThrowOnFailure(Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255)).ToArbitrary(), bytes =>
        {
            byte[] headers = [.. bytes.Select(b => (byte)b)];
            // With checksums that fit, so that the headers are looked at.
            byte[] message = Sealed(headers);
            try
            {
                new EventStreamFraming().TryRead(message, end: true, out _);
            }
            catch (GenerationFormatException)
            {
                // The one way to refuse.
            }
        }));
    }

    private static byte[] Sealed(byte[] headers)
    {
        var bytes = new List<byte>();
        bytes.AddRange(BigEndian((uint)(16 + headers.Length)));
        bytes.AddRange(BigEndian((uint)headers.Length));
        bytes.AddRange(BigEndian(Crc32.Of([.. bytes])));
        bytes.AddRange(headers);
        bytes.AddRange(BigEndian(Crc32.Of([.. bytes])));
        return [.. bytes];

        static byte[] BigEndian(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
    }

    private static List<(string Name, string Data)> Frames(byte[] stream, int piece)
    {
        var framing = new EventStreamFraming();
        var frames = new List<(string, string)>();
        int start = 0;
        for (int have = Math.Min(piece, stream.Length); ; have = Math.Min(have + piece, stream.Length))
        {
            while (framing.TryRead(stream.AsSpan(start, have - start), have == stream.Length, out StreamFrame frame))
            {
                frames.Add((Encoding.UTF8.GetString(frame.EventName), Encoding.UTF8.GetString(frame.Data)));
                start += frame.Length;
            }
            if (have == stream.Length)
            {
                start.ShouldBe(stream.Length);
                return frames;
            }
        }
    }
}
