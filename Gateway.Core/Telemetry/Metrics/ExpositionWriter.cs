using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Core.Telemetry.Metrics;

/// <summary>
/// Writes metrics as Prometheus's text format 0.0.4 or as OpenMetrics 1.0: a family's head, then its samples, family after
/// family. Used by one thread at a time.
/// </summary>
/// <param name="output">Takes UTF-8.</param>
/// <param name="openMetrics">
/// OpenMetrics: a counter's family is named without <c>_total</c>, a bucket's bound has a decimal point, and the end is marked.
/// </param>
public sealed class ExpositionWriter(IBufferWriter<byte> output, bool openMetrics)
{
    /// <summary>Of the text format.</summary>
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Of OpenMetrics.</summary>
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private const string TotalSuffix = "_total";

    private string _name = "";

    /// <summary>Begins a family; what follows are its samples. A family without samples may stand for "nothing yet".</summary>
    /// <param name="name">As its samples have it: counters end in <c>_total</c>.</param>
    public void Family(MetricType type, string name, string help)
    {
        _name = name;
        string family = openMetrics && type == MetricType.Counter ? name[..^TotalSuffix.Length] : name;
        Put("# HELP ");
        Put(family);
        Put(" ");
        PutEscaped(help, quotes: openMetrics);
        Put("\n# TYPE ");
        Put(family);
        Put(type switch { MetricType.Counter => " counter\n", MetricType.Gauge => " gauge\n", _ => " histogram\n" });
    }

    /// <summary>A sample of a counter or gauge.</summary>
    public void Sample(long value, params ReadOnlySpan<Label> labels)
    {
        PutSeries("", labels, bound: null);
        PutNumber(value);
        Put("\n");
    }

    /// <summary>The same of a fraction; what is not a number is left out, since it would spoil every sum over it.</summary>
    public void Sample(double value, params ReadOnlySpan<Label> labels)
    {
        if (double.IsNaN(value))
        {
            return;
        }
        PutSeries("", labels, bound: null);
        PutNumber(value, point: false);
        Put("\n");
    }

    /// <summary>The same of an amount that must not be rounded.</summary>
    public void Sample(decimal value, params ReadOnlySpan<Label> labels)
    {
        PutSeries("", labels, bound: null);
        Put(value.ToString(CultureInfo.InvariantCulture));
        Put("\n");
    }

    /// <summary>All samples of one series of a histogram: its buckets, each with what lies in the smaller ones too, its sum and its count.</summary>
    public void Histogram(MetricHistogram histogram, params ReadOnlySpan<Label> labels)
    {
        long below = 0;
        for (int i = 0; i < histogram.Bounds.Length; i++)
        {
            below += histogram.CountOf(i);
            PutBucket(histogram.Bounds[i], below, labels);
        }
        PutBucket(double.PositiveInfinity, histogram.Count, labels);
        PutSeries("_sum", labels, bound: null);
        PutNumber(histogram.Sum, point: false);
        Put("\n");
        PutSeries("_count", labels, bound: null);
        PutNumber(histogram.Count);
        Put("\n");
    }

    /// <summary>Marks the end where the format wants it.</summary>
    public void End()
    {
        if (openMetrics)
        {
            Put("# EOF\n");
        }
    }

    private void PutBucket(double bound, long count, ReadOnlySpan<Label> labels)
    {
        PutSeries("_bucket", labels, bound);
        PutNumber(count);
        Put("\n");
    }

    private void PutSeries(string suffix, ReadOnlySpan<Label> labels, double? bound)
    {
        Put(_name);
        Put(suffix);
        if (labels.Length > 0 || bound is not null)
        {
            string separator = "{";
            foreach (Label label in labels)
            {
                Put(separator);
                Put(label.Name);
                Put("=\"");
                PutEscaped(label.Value, quotes: true);
                Put("\"");
                separator = ",";
            }
            if (bound is { } most)
            {
                Put(separator);
                Put("le=\"");
                PutNumber(most, point: openMetrics);
                Put("\"");
            }
            Put("}");
        }
        Put(" ");
    }

    private void PutNumber(long value)
    {
        value.TryFormat(output.GetSpan(24), out int written, provider: CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    private void PutNumber(double value, bool point)
    {
        if (double.IsInfinity(value))
        {
            Put(value > 0 ? "+Inf" : "-Inf");
            return;
        }
        Span<byte> text = output.GetSpan(40);
        value.TryFormat(text, out int written, provider: CultureInfo.InvariantCulture);
        bool whole = point && text[..written].IndexOfAny((byte)'.', (byte)'E') < 0;
        output.Advance(written);
        if (whole)
        {
            Put(".0");
        }
    }

    // Backslashes and line ends have a meaning everywhere, quotation marks within quotation marks.
    private void PutEscaped(string text, bool quotes)
    {
        ReadOnlySpan<char> rest = text;
        while (rest.IndexOfAny('\\', '\n', quotes ? '"' : '\\') is var special and >= 0)
        {
            Put(rest[..special]);
            Put(rest[special] switch { '\n' => "\\n", '"' => "\\\"", _ => "\\\\" });
            rest = rest[(special + 1)..];
        }
        Put(rest);
    }

    private void Put(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, output);
}
