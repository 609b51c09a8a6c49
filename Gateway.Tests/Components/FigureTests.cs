using Bunit;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Web.Components;
using Gateway.Web.Components.Controls;
using Gateway.Web.Components.Pages.Overview;
using Gateway.Web.Components.Pages.Playground;
using Gateway.Web.Components.Pages.Requests;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

/// <summary>What is not known is not shown as a figure, and what models write is not taken for markup.</summary>
public sealed class FigureTests : BunitContext
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    private static readonly RequestFilter Filter = new() { Range = TimeRange.Parse("1h", null, null, Now) };

    public FigureTests() => Services.AddSingleton<GatewayCatalog>().AddScoped<Show>();

    [Fact]
    public void FigureStrip_WhileLoading_ShowsDashesAndNoZero()
    {
        IRenderedComponent<FigureStrip> strip = Render<FigureStrip>(p => p.Add(s => s.Data, null));
        strip.FindAll(".stat-value").Select(v => v.TextContent).Distinct().ShouldBe(["–"]);
    }

    [Fact]
    public void FigureStrip_WithoutAnyCall_ShowsNoLatency()
    {
        var data = new OverviewData(Filter, new Figures(), true);
        IRenderedComponent<FigureStrip> strip = Render<FigureStrip>(p => p.Add(s => s.Data, data));
        Value(strip, "Latency p95").ShouldBe("–");
        Value(strip, "Success").ShouldBe("–");
        Value(strip, "Requests").ShouldBe("0");
    }

    [Fact]
    public void FigureStrip_AgainstTheSpanBefore_ShowsTheChange()
    {
        var now = new Figures { Requests = 150, Errors = 30, P95 = 2_000_000, CostUnknown = 150 };
        var data = new OverviewData(Filter, now, true) { Course = new Course([], new Figures { Requests = 100, P95 = 1_000_000 }, []) };
        IRenderedComponent<FigureStrip> strip = Render<FigureStrip>(p => p.Add(s => s.Data, data));
        Value(strip, "Success").ShouldBe("80.0%");
        Value(strip, "Latency p95").ShouldBe("2 s");
        Value(strip, "Cost").ShouldBe("unknown");
        strip.FindAll(".stat").Single(s => s.TextContent.Contains("Latency p95", StringComparison.Ordinal)).QuerySelector(".stat-change.bad")!.TextContent.ShouldContain("100%");
    }

    [Fact]
    public void Overview_WhileItsCourseIsRead_ShowsTheFiguresAndKeepsTheChartsPlaces()
    {
        var data = new OverviewData(Filter, new Figures { Requests = 150 }, true);
        IRenderedComponent<FigureStrip> strip = Render<FigureStrip>(p => p.Add(s => s.Data, data));
        Value(strip, "Requests").ShouldBe("150");
        strip.FindAll(".stat-change").ShouldBeEmpty();
        foreach (OverviewData? soFar in (OverviewData?[])[null, data])
        {
            IRenderedComponent<UsageCharts> charts = Render<UsageCharts>(p => p.Add(c => c.Data, soFar));
            charts.FindAll("section.card").Count.ShouldBe(5);
            charts.FindAll(".chart-wait").Count.ShouldBe(5);
        }
    }

    [Fact]
    public void Overview_WhereNothingCostAnything_StillHasTheTimesOfItsCosts()
    {
        var data = new OverviewData(Filter, new Figures { Requests = 1 }, true)
        {
            Course = new Course([new Bucket(DateTimeOffset.UnixEpoch, new Figures { Requests = 1 }, new Dictionary<string, double>())], new Figures(), []),
        };
        JSInterop.Mode = JSRuntimeMode.Loose;
        IRenderedComponent<UsageCharts> charts = Render<UsageCharts>(p => p.Add(c => c.Data, data));
        charts.FindComponents<TimeChart>().Single(c => c.Instance.Label == "Cost by model").Instance.Series.ShouldHaveSingleItem().Points.ShouldBe([new ChartPoint(0, 0)]);
    }

    [Fact]
    public void Sparkline_OfALonePoint_IsADot()
    {
        Render<Sparkline>(p => p.Add(s => s.Points, [null, 3, null])).FindAll(".dot").Count.ShouldBe(1);
        Render<Sparkline>(p => p.Add(s => s.Points, [1, 3, 2])).FindAll(".dot").ShouldBeEmpty();
    }

    [Fact]
    public void CostTable_WithoutAPrice_SaysUnknown()
    {
        var record = new UsageRecord { Usage = new Usage(UsageSource.Reported, 10, 0, 0, 5, 0), UpstreamModel = "mystery" };
        IRenderedComponent<CostTable> table = Render<CostTable>(p => p.Add(t => t.Record, record));
        table.Find("tfoot strong").TextContent.ShouldBe("unknown");
        table.Markup.ShouldContain("No price is known for mystery");
        table.Markup.ShouldNotContain("$0");
    }

    [Fact]
    public void Waterfall_OfAFailover_PlacesTheAttempts()
    {
        var record = new UsageRecord
        {
            DurationUs = 1_000_000,
            TimeToFirstTokenUs = 600_000,
            Attempts =
            [
                new AttemptRecord("first", "b1", "m", null, 0, 200_000, 250_000, 500, "upstream_server_error"),
                new AttemptRecord("second", "b2", "m", null, 500_000, 100_000, 500_000, 200, null),
            ],
        };
        IRenderedComponent<Waterfall> waterfall = Render<Waterfall>(p => p.Add(w => w.Record, record));
        waterfall.Find(".waterfall-bar.failed").GetAttribute("style").ShouldBe("left:0%;width:25%");
        waterfall.Find(".waterfall-bar.ok").GetAttribute("style").ShouldBe("left:50%;width:50%");
        waterfall.Find(".waterfall-mark").GetAttribute("style").ShouldBe("left:60%");
        waterfall.Markup.ShouldContain("upstream server error");
    }

    [Theory]
    [InlineData(0, 0, 0, "rate_limited", "body")]
    [InlineData(200_000, 0, 0, "model_not_found", "route")]
    [InlineData(200_000, 400_000, 0, "overloaded", "queue")]
    [InlineData(200_000, 400_000, 0, "content_filtered", "guardrails")]
    [InlineData(200_000, 400_000, 500_000, "rate_limited", "limits")]
    public void Waterfall_OfACallThatWasRefused_HasABarForTheStageThatDidSo(long read, long routed, long placed, string kind, string stage)
    {
        var record = new UsageRecord { DurationUs = 1_000_000, ErrorKind = kind, Trace = new CallTrace { AuthenticatedUs = 100_000, ReadUs = read, RoutedUs = routed, PlacedUs = placed } };
        IRenderedComponent<Waterfall> waterfall = Render<Waterfall>(p => p.Add(w => w.Record, record));
        waterfall.FindAll(".waterfall-row")[^1].QuerySelector(".waterfall-name span")!.TextContent.ShouldBe(stage);
        long until = new[] { 100_000, read, routed, placed }.Max();
        waterfall.Find(".waterfall-bar.failed").GetAttribute("style").ShouldBe($"left:{until / 10_000}%;width:{100 - (until / 10_000)}%");
    }

    [Fact]
    public void Waterfall_OfACallThatWasServed_HasNoFailedStage()
    {
        var record = new UsageRecord { DurationUs = 1_000_000, Admitted = true, Trace = new CallTrace { AuthenticatedUs = 100_000, ReadUs = 200_000, RoutedUs = 300_000 } };
        Render<Waterfall>(p => p.Add(w => w.Record, record)).FindAll(".failed").ShouldBeEmpty();
    }

    [Fact]
    public void ChatBubbles_WithMarkupInTheAnswer_ShowsItAsText()
    {
        const string hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        var turn = new ChatTurn(hostile) { Message = new Message(Role.Assistant, [new ReasoningPart(hostile), new TextPart(hostile)]) };
        IRenderedComponent<ChatBubbles> bubbles = Render<ChatBubbles>(p => p.Add(b => b.Turn, turn));
        bubbles.FindAll("img, script").ShouldBeEmpty();
        bubbles.Find(".answer-text").TextContent.Trim().ShouldBe(hostile);
        bubbles.Find(".reasoning div").TextContent.ShouldBe(hostile);
    }

    [Fact]
    public async Task CodeTabs_AnotherTab_ShowsItsCode()
    {
        Services.AddScoped<Radzen.NotificationService>();
        Services.AddScoped<Toasts>();
        IRenderedComponent<CodeTabs> tabs = Render<CodeTabs>(p => p.Add(t => t.Snippets, Snippet.All("https://gw.example", "ml-1", "m")));
        tabs.Find("pre").TextContent.ShouldContain("curl https://gw.example/v1/chat/completions");
        await tabs.PressAsync("TypeScript", "[role=tab]");
        tabs.Find("pre").TextContent.ShouldContain("baseURL: 'https://gw.example/v1', apiKey: 'ml-1'");
    }

    private static string Value(IRenderedComponent<FigureStrip> strip, string name) =>
        strip.FindAll(".stat").Single(s => s.QuerySelector(".stat-name")!.TextContent.Trim().StartsWith(name, StringComparison.Ordinal)).QuerySelector(".stat-value")!.TextContent;
}
