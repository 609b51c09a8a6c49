using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Relay;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Relay;

public class SseFramerTests
{
    [Fact]
    public void TryRead_AnyFramesInAnyPieces_GivesTheSameEventsAndLosesNoByte()
    {
        Gen<string> lineEnds = Gen.Elements("\n", "\r\n", "\r");
        Gen<string> frames =
            from lineEnd in lineEnds
            from comment in Gen.Elements("", ": keep-alive", ":")
            from name in Gen.Elements("", "event: error", "event:message", "id: 7")
            from data in Gen.ListOf(Gen.Elements("data: {\"a\":1}", "data:x", "data: 世界", "data: "), 2)
            let lines = new[] { comment, name }.Where(l => l.Length > 0).Concat(data)
            select string.Concat(lines.Select(l => l + lineEnd)) + lineEnd;
        Gen<(string, int[])> cases =
            from all in Gen.NonEmptyListOf(frames)
            from cuts in Gen.ListOf(Gen.Choose(1, 9))
            select (string.Concat(all), cuts.Count == 0 ? [1] : cuts.ToArray());

        Check.QuickThrowOnFailure(Prop.ForAll(cases.ToArbitrary(), c =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(c.Item1);
            (string whole, List<string> events) = Read(bytes, c.Item2);
            whole.ShouldBe(c.Item1);
            events.ShouldBe(Reference(c.Item1));
        }));
    }

    [Theory]
    [InlineData("data: a\n\ndata: [DONE]", new[] { "|a", "|[DONE]" })]
    [InlineData("data: a\n", new[] { "|a" })]
    [InlineData("\n\n\ndata: a\n\n", new[] { "|a" })]
    [InlineData("data\n\n", new string[0])]
    [InlineData("event: error\ndata: {}\n\n", new[] { "error|{}" })]
    public void TryRead_EdgesOfTheFormat_AreReadAsTheStandardSays(string text, string[] expected) =>
        Read(Encoding.UTF8.GetBytes(text), [1000]).Events.ShouldBe(expected);

    [Fact]
    public void TryRead_TenThousandDataLines_AreOneEvent()
    {
        string[] lines = [.. Enumerable.Range(0, 10_000).Select(i => $"line {i}")];

        var events = Read(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => $"data: {l}\n")) + "\n"), [1_000_000]).Events;

        events.ShouldBe(["|" + string.Join('\n', lines)]);
    }

    [Fact]
    public void TryRead_AsManyDataLinesAsFit_AreNotCopiedAgainForEach()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data:\n", 700_000)) + "\n");
        var framer = new SseFramer();
        long before = GC.GetAllocatedBytesForCurrentThread();

        framer.TryRead(bytes, end: false, out SseFrame frame).ShouldBeTrue();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 * bytes.Length);
        frame.Data.Length.ShouldBe(699_999);
    }

    private static (string Whole, List<string> Events) Read(byte[] bytes, int[] cuts)
    {
        var framer = new SseFramer();
        var whole = new List<byte>();
        var events = new List<string>();
        byte[] buffer = [];
        int position = 0;
        for (int i = 0; position < bytes.Length || i == 0; i++)
        {
            int piece = Math.Min(cuts[i % cuts.Length], bytes.Length - position);
            buffer = [.. buffer, .. bytes.AsSpan(position, piece)];
            position += piece;
            while (framer.TryRead(buffer, position == bytes.Length, out SseFrame frame))
            {
                whole.AddRange(frame.Whole);
                if (frame.HasData)
                {
                    events.Add(Encoding.UTF8.GetString(frame.EventName) + "|" + Encoding.UTF8.GetString(frame.Data));
                    if (frame.DataStart >= 0)
                    {
                        frame.Whole.Slice(frame.DataStart, frame.Data.Length).SequenceEqual(frame.Data).ShouldBeTrue();
                    }
                }
                buffer = buffer[frame.Whole.Length..];
            }
        }
        return (Encoding.UTF8.GetString([.. whole]), events);
    }

    // A reading so simple that it is plainly right.
    private static List<string> Reference(string text)
    {
        string plain = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        var events = new List<string>();
        foreach (string block in plain.Split("\n\n"))
        {
            string[] lines = block.Split('\n');
            string data = string.Join('\n', lines.Where(l => l.StartsWith("data:", StringComparison.Ordinal)).Select(l => Value(l, 5)));
            string name = lines.Where(l => l.StartsWith("event:", StringComparison.Ordinal)).Select(l => Value(l, 6)).LastOrDefault() ?? "";
            if (data.Length > 0)
            {
                events.Add(name + "|" + data);
            }
        }
        return events;
    }

    private static string Value(string line, int prefix) => line[prefix..].StartsWith(' ') ? line[(prefix + 1)..] : line[prefix..];
}
