using Gateway.Core;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

public class TraceContextTests
{
    private const string Sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly Guid Call = Guid.Parse("0198c0de-7a11-7abc-9def-00112233aabb");

    [Theory]
    [InlineData(Sent, true)]
    [InlineData("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-later", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-is-wrong", false)]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false)]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", false)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01", false)]
    [InlineData(Sent + "," + Sent, false)]
    [InlineData("", false)]
    public void Header_OfAnySort_IsTakenIfTheStandardSaysSo(string header, bool taken)
    {
        TraceContext.TryParse(header, out TraceContext trace).ShouldBe(taken);

        trace.Exists.ShouldBe(taken);
        trace.TraceId.ShouldBe(taken ? "0af7651916cd43dd8448eb211c80319c" : new string('0', 32));
    }

    [Fact]
    public void Header_OfASpan_KeepsTraceAndFlags()
    {
        TraceContext.TryParse(Sent, out TraceContext trace).ShouldBeTrue();

        trace.ToHeader(0xAB).ShouldBe("00-0af7651916cd43dd8448eb211c80319c-00000000000000ab-01");
        trace.Parent.ShouldBe(0xb7ad6b7169203331);
    }

    [Fact]
    public void Trace_ThatBeginsHere_HasTheCallsOwnId()
    {
        TraceContext trace = TraceContext.Of(default, Call, default);

        trace.TraceId.ShouldBe(Call.ToString("N"));
        (trace.Parent, trace.Flags).ShouldBe((0UL, (byte)0));
    }

    [Fact]
    public void Spans_OfManyCalls_AreAllDifferent()
    {
        var seen = new HashSet<ulong>();
        for (int call = 0; call < 2000; call++)
        {
            Guid id = Guid.CreateVersion7();
            for (int number = 0; number < 5; number++)
            {
                seen.Add(TraceContext.SpanOf(id, number)).ShouldBeTrue();
            }
        }
        seen.ShouldNotContain(0UL);
        TraceContext.SpanOf(Call, 1).ShouldBe(TraceContext.SpanOf(Call, 1));
    }

    [Theory]
    [InlineData(false, 0, "01", 1)]
    [InlineData(false, 1, "00", 0)]
    [InlineData(true, 0, "01", 0)]
    [InlineData(true, 1, "00", 1)]
    [InlineData(true, 1, "02", 3)]
    public void Sampling_OfATraceThatWasSent_FollowsItsParentUnlessToldOtherwise(bool ignoresParent, double ratio, string flags, byte expected)
    {
        TraceContext.TryParse(Sent[..^2] + flags, out TraceContext sent).ShouldBeTrue();

        TraceContext.Of(sent, Call, new TraceSampling(ignoresParent, (ulong)(ratio * TraceSampling.All))).Flags.ShouldBe(expected);
    }

    [Fact]
    public void Sampling_ByRatio_TakesAboutThatMany()
    {
        var quarter = new TraceSampling(IgnoresParent: false, TraceSampling.All / 4);

        int taken = Enumerable.Range(0, 4000).Count(_ => TraceContext.Of(default, Guid.CreateVersion7(), quarter).IsSampled);

        taken.ShouldBeInRange(850, 1150);
    }
}
