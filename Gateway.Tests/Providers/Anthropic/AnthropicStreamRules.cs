using Gateway.Core.Generation.Streaming;
using Shouldly;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>What a decoder guarantees to encoders.</summary>
internal static class AnthropicStreamRules
{
    public static void Check(List<StreamEvent> events, string because)
    {
        var open = new Dictionary<int, PartKind>();
        int next = 0;
        bool finished = false;
        events[0].Kind.ShouldBe(StreamEventKind.Start, because);
        events.Count(e => e.Kind == StreamEventKind.Start).ShouldBe(1, because);
        foreach (StreamEvent e in events)
        {
            switch (e.Kind)
            {
                case StreamEventKind.PartStart:
                    finished.ShouldBeFalse(because);
                    e.Part.ShouldBe(next++, because);
                    (open.Count == 0 || (e.PartKind == PartKind.ToolCall && open.Values.All(k => k == PartKind.ToolCall))).ShouldBeTrue(because);
                    open.Add(e.Part, e.PartKind);
                    break;
                case StreamEventKind.Delta or StreamEventKind.Signature or StreamEventKind.Citation:
                    open.ShouldContainKey(e.Part, because);
                    e.PartKind.ShouldBe(open[e.Part], because);
                    break;
                case StreamEventKind.PartEnd:
                    open.Remove(e.Part).ShouldBeTrue(because);
                    break;
                case StreamEventKind.Finish:
                    open.ShouldBeEmpty(because);
                    finished.ShouldBeFalse(because);
                    finished = true;
                    break;
                case StreamEventKind.End:
                    finished.ShouldBeTrue(because);
                    events[^1].Kind.ShouldBe(StreamEventKind.End, because);
                    break;
            }
        }
    }
}
