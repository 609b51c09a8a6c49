using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Telemetry.Metrics;

/// <summary>
/// Counts finished calls. It is told of them by the usage sink, on that one's thread: a request does nothing for it. Labels are
/// names that operators gave; what clients wrote never becomes one.
/// </summary>
public sealed class CallMetrics(GatewayCatalog catalog) : IRecordObserver, IMetricSource
{
    /// <summary>Label value of everything for which there is no room.</summary>
    public const string Other = "other";

    /// <summary>Label value of models and backends that the catalog does not have, since it was a client that named them.</summary>
    public const string Unknown = "unknown";

    // Each has five histograms, some eighty samples.
    private const int MostCallSeries = 100;
    private const int MostCountSeries = 1000;

    private readonly Lock _gate = new();
    private readonly SeriesTable<CallLabels, CallSeries> _calls = new(MostCallSeries, new CallLabels(Other, Other));
    private readonly SeriesTable<RequestLabels, CountSeries> _requests = new(MostCountSeries, new RequestLabels(Other, Other, Other, Other, Other));
    private readonly SeriesTable<AttemptLabels, CountSeries> _attempts = new(MostCountSeries, new AttemptLabels(Other, Other, Other));
    private readonly SeriesTable<LimitLabels, CountSeries> _limits = new(MostCountSeries, new LimitLabels(Other, Other));

    /// <inheritdoc/>
    public void Observe(UsageRecord record)
    {
        // The gateway's own health checks are in the books, but they are nobody's requests.
        if (record.Path.Length == 0 || record.Path[0] != '/')
        {
            return;
        }
        CatalogSnapshot snapshot = catalog.Current;
        string model = record.Model is { } name && snapshot.FindModel(name) is { } known ? known.Name : Unknown;
        string provider = record.Provider ?? "";
        lock (_gate)
        {
            _requests.Of(new RequestLabels(model, provider, record.Operation.ToName(), ClassOf(record.Status), record.ErrorKind ?? "")).Value++;
            if (record.LimitHit is { } hit)
            {
                _limits.Of(new LimitLabels(hit.Limit, hit.Scope)).Value++;
            }
            foreach (AttemptRecord attempt in record.Attempts)
            {
                string backend = snapshot.Backends.ContainsKey(attempt.BackendId) ? attempt.BackendId : Unknown;
                _attempts.Of(new AttemptLabels(attempt.Provider, backend, attempt.ErrorKind ?? "success")).Value++;
            }
            if (record.Admitted)
            {
                Add(_calls.Of(new CallLabels(model, provider)), record);
            }
        }
    }

    /// <inheritdoc/>
    public void Write(ExpositionWriter writer)
    {
        lock (_gate)
        {
            WriteRequests(writer);
            WriteTimes(writer);
            WriteUsage(writer);
        }
    }

    private static void Add(CallSeries series, UsageRecord record)
    {
        Usage usage = record.Usage;
        series.Duration.Observe(record.DurationUs / 1e6);
        if (record.Attempts.Count > 0)
        {
            series.Overhead.Observe(Math.Max(0, record.DurationUs - record.UpstreamUs) / 1e6);
        }
        if (record.Streamed && record.Operation.Generates() && record.TimeToFirstTokenUs is { } first)
        {
            series.FirstToken.Observe(first / 1e6);
            // What came in one piece says nothing about the time between its tokens.
            if (usage.OutputTokens > 1 && record.LastTokenUs is { } last && last > first)
            {
                series.TokenGap.Observe((last - first) / 1e6 / (usage.OutputTokens - 1));
            }
        }
        if (usage.OutputTokens > 0 && record.DurationUs > 0)
        {
            series.Rate.Observe(usage.OutputTokens * 1e6 / record.DurationUs);
        }
        series.InputTokens += usage.InputTokens;
        series.CachedTokens += usage.CachedInputTokens;
        series.OutputTokens += usage.OutputTokens;
        series.ReasoningTokens += usage.ReasoningTokens;
        series.CostNanoUsd += record.Cost?.Value ?? 0;
        series.UnknownCost += record.Cost is null && usage.Source != UsageSource.None ? 1 : 0;
        series.Failovers += record.FallbackOccurred ? 1 : 0;
    }

    private static string ClassOf(int status) => (status / 100) switch { 1 => "1xx", 2 => "2xx", 3 => "3xx", 4 => "4xx", _ => "5xx" };

    private void WriteRequests(ExpositionWriter writer)
    {
        writer.Family(MetricType.Counter, "gateway_requests_total", "Requests that have ended, refused ones among them.");
        foreach ((RequestLabels of, CountSeries count) in _requests.All)
        {
            writer.Sample(count.Value, new("model", of.Model), new("provider", of.Provider), new("operation", of.Operation), new("status", of.Status), new("error", of.Error));
        }
        writer.Family(MetricType.Counter, "gateway_limit_rejections_total", "Requests refused by a limit or a budget, by which and whose.");
        foreach ((LimitLabels of, CountSeries count) in _limits.All)
        {
            writer.Sample(count.Value, new("limit", of.Limit), new("scope", of.Scope));
        }
        writer.Family(MetricType.Counter, "gateway_attempts_total", "Calls to backends that have ended, by what became of them.");
        foreach ((AttemptLabels of, CountSeries count) in _attempts.All)
        {
            writer.Sample(count.Value, new("provider", of.Provider), new("backend", of.Backend), new("outcome", of.Outcome));
        }
        writer.Family(MetricType.Counter, "gateway_failovers_total", "Calls for which another backend than the first had to be asked; provider is the last one asked.");
        foreach ((CallLabels of, CallSeries series) in _calls.All)
        {
            writer.Sample(series.Failovers, new("model", of.Model), new("provider", of.Provider));
        }
    }

    private void WriteTimes(ExpositionWriter writer)
    {
        WriteHistogram(writer, "gateway_request_duration_seconds", "From a request's arrival to the end of its answer, of admitted requests.", s => s.Duration);
        WriteHistogram(writer, "gateway_time_to_first_token_seconds", "From a request's arrival to the first content sent on, of streamed answers.", s => s.FirstToken);
        WriteHistogram(writer, "gateway_inter_token_latency_seconds", "Mean time between two output tokens of a streamed answer.", s => s.TokenGap);
        WriteHistogram(writer, "gateway_output_tokens_per_second", "Output tokens of an answer over its whole duration.", s => s.Rate);
        WriteHistogram(writer, "gateway_overhead_seconds", "A request's duration less the time spent waiting for upstreams.", s => s.Overhead);
    }

    private void WriteHistogram(ExpositionWriter writer, string name, string help, Func<CallSeries, MetricHistogram> of)
    {
        writer.Family(MetricType.Histogram, name, help);
        foreach ((CallLabels labels, CallSeries series) in _calls.All)
        {
            if (of(series) is { Count: > 0 } histogram)
            {
                writer.Histogram(histogram, new("model", labels.Model), new("provider", labels.Provider));
            }
        }
    }

    private void WriteUsage(ExpositionWriter writer)
    {
        writer.Family(MetricType.Counter, "gateway_tokens_total", "Tokens used, reported or estimated; cached ones are among the input, reasoning ones among the output.");
        foreach ((CallLabels of, CallSeries series) in _calls.All)
        {
            WriteTokens(writer, of, "input", series.InputTokens);
            WriteTokens(writer, of, "cached", series.CachedTokens);
            WriteTokens(writer, of, "output", series.OutputTokens);
            WriteTokens(writer, of, "reasoning", series.ReasoningTokens);
        }
        writer.Family(MetricType.Counter, "gateway_cost_usd_total", "US dollars that calls have cost, as far as that is known.");
        foreach ((CallLabels of, CallSeries series) in _calls.All)
        {
            writer.Sample(new NanoUsd(series.CostNanoUsd).ToDollars(), new("model", of.Model), new("provider", of.Provider));
        }
        writer.Family(MetricType.Counter, "gateway_unpriced_requests_total", "Calls whose cost is not known.");
        foreach ((CallLabels of, CallSeries series) in _calls.All)
        {
            writer.Sample(series.UnknownCost, new("model", of.Model), new("provider", of.Provider));
        }
    }

    private static void WriteTokens(ExpositionWriter writer, in CallLabels of, string type, long tokens) =>
        writer.Sample(tokens, new("model", of.Model), new("provider", of.Provider), new("type", type));
}
