using System.Buffers;
using System.Text;
using Gateway.Core.Telemetry.Metrics;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

public class ExpositionWriterTests
{
    [Fact]
    public void Counter_InText_KeepsItsSuffixAndHasNoEnd() => Write(openMetrics: false, w =>
    {
        w.Family(MetricType.Counter, "calls_total", "All calls.");
        w.Sample(3, new Label("model", "m"), new Label("status", "2xx"));
    }).ShouldBe("# HELP calls_total All calls.\n# TYPE calls_total counter\ncalls_total{model=\"m\",status=\"2xx\"} 3\n");

    [Fact]
    public void Counter_InOpenMetrics_IsNamedWithoutItsSuffixAndEnds() => Write(openMetrics: true, w =>
    {
        w.Family(MetricType.Counter, "calls_total", "All calls.");
        w.Sample(3);
    }).ShouldBe("# HELP calls All calls.\n# TYPE calls counter\ncalls_total 3\n# EOF\n");

    [Theory]
    [InlineData("a\\b\"c\nd", "a\\\\b\\\"c\\nd")]
    [InlineData("für ✓", "für ✓")]
    [InlineData("", "")]
    public void LabelValue_WhateverItHolds_IsEscaped(string value, string escaped)
    {
        string text = Write(openMetrics: false, w =>
        {
            w.Family(MetricType.Gauge, "g", "x");
            w.Sample(1, new Label("l", value));
        });

        text.ShouldEndWith($"g{{l=\"{escaped}\"}} 1\n");
    }

    [Fact]
    public void Help_WithLineEnds_StaysOneLine() => Write(openMetrics: false, w => w.Family(MetricType.Gauge, "g", "a\nb\\c \"d\""))
        .ShouldBe("# HELP g a\\nb\\\\c \"d\"\n# TYPE g gauge\n");

    [Theory]
    [InlineData(false, "1")]
    [InlineData(true, "1.0")]
    public void Histogram_OfSomeValues_HoldsWhatLiesBelowEachBound(bool openMetrics, string one)
    {
        var histogram = new MetricHistogram([0.5, 1]);
        foreach (double value in (double[])[0.25, 0.5, 0.75, 1, 40, double.NaN, double.PositiveInfinity])
        {
            histogram.Observe(value);
        }

        string text = Write(openMetrics, w =>
        {
            w.Family(MetricType.Histogram, "h", "x");
            w.Histogram(histogram, new Label("m", "a"));
        });

        text.ShouldContain($"""
            # TYPE h histogram
            h_bucket{"{"}m="a",le="0.5"{"}"} 2
            h_bucket{"{"}m="a",le="{one}"{"}"} 4
            h_bucket{"{"}m="a",le="+Inf"{"}"} 5
            h_sum{"{"}m="a"{"}"} 42.5
            h_count{"{"}m="a"{"}"} 5

            """);
    }

    [Fact]
    public void Sample_ThatIsNoNumber_IsLeftOut() => Write(openMetrics: false, w =>
    {
        w.Family(MetricType.Gauge, "g", "x");
        w.Sample(double.NaN);
        w.Sample(double.NegativeInfinity);
        w.Sample(0.1);
        w.Sample(0.000000001m);
    }).ShouldEndWith("gauge\ng -Inf\ng 0.1\ng 0.000000001\n");

    private static string Write(bool openMetrics, Action<ExpositionWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ExpositionWriter(output, openMetrics);
        write(writer);
        writer.End();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
