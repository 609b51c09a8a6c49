using System.Threading.Channels;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Telemetry;
using Gateway.Core.Telemetry.Metrics;

namespace Gateway.Web.Telemetry.Otlp;

/// <summary>
/// Sends the spans of finished calls to a collector, in batches and in the background. Bounded: while the collector is away or slow,
/// spans are dropped and counted, and the log says so once. No request, and not the usage sink either, ever waits for it.
/// </summary>
internal sealed partial class SpanExporter : BackgroundService, IRecordObserver, IMetricSource
{
    private const int MostWaiting = 4096;
    private const int MostCallsABatch = 256;
    private const int MostBytesABatch = 2 * 1024 * 1024;
    private const int MostTries = 4;
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FinalLimit = TimeSpan.FromSeconds(2);

    private readonly OtlpSettings _settings;
    private readonly OtlpClient _client;
    private readonly SpanWriter _writer;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger<SpanExporter> _logger;
    private readonly Channel<UsageRecord> _calls;
    private long _exported;
    private long _dropped;
    private bool _away;

    public SpanExporter(OtlpSettings settings, string version, GatewayCatalog catalog, TimeProvider time, Random random, ILogger<SpanExporter> logger)
    {
        (_settings, _time, _random, _logger) = (settings, time, random, logger);
        _client = new OtlpClient(settings, time);
        _writer = new SpanWriter(settings, catalog, version);
        _calls = Channel.CreateBounded<UsageRecord>(
            new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true, SingleWriter = true },
            lost => Interlocked.Add(ref _dropped, lost.Attempts.Count + 1));
    }

    /// <summary>Spans that a collector has taken.</summary>
    public long Exported => Interlocked.Read(ref _exported);

    /// <summary>Spans that none has got.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Observe(UsageRecord record)
    {
        // A health check is part of no trace.
        if (record.TraceContext is { Exists: true, IsSampled: true })
        {
            _calls.Writer.TryWrite(record);
        }
    }

    public void Write(ExpositionWriter writer)
    {
        writer.Family(MetricType.Counter, "gateway_trace_spans_exported_total", "Spans that the collector has taken.");
        writer.Sample(Exported);
        writer.Family(MetricType.Counter, "gateway_trace_spans_dropped_total", "Spans that the collector has not got: it was away, too slow, or refused them.");
        writer.Sample(Dropped);
    }

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _calls.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(Gather, _time, stoppingToken);
                try
                {
                    while (Fill() is var spans and > 0)
                    {
                        await ExportAsync(spans, stoppingToken);
                    }
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // Spans are worth a line in the log, and not the process.
                    LogFault(e);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FlushAsync();
        }
    }

    /// <summary>Writes a batch of what waits, and says how many spans it holds.</summary>
    private int Fill()
    {
        int spans = 0;
        _writer.Begin();
        for (int i = 0; i < MostCallsABatch && _writer.Length < MostBytesABatch && _calls.Reader.TryRead(out UsageRecord? record); i++)
        {
            spans += _writer.Add(record);
        }
        _writer.End();
        return spans;
    }

    private async Task ExportAsync(int spans, CancellationToken stopping)
    {
        bool taken = false;
        try
        {
            for (int tried = 1; ; tried++)
            {
                OtlpAnswer answer = await _client.SendAsync(_writer.Written, stopping);
                if (taken = answer.Taken)
                {
                    Interlocked.Add(ref _exported, spans);
                    NoteBack();
                    return;
                }
                NoteAway(answer.Problem!);
                if (!answer.MayRetry || tried == MostTries)
                {
                    break;
                }
                // Doubled each time, and up to half as long again, so that many nodes do not come back at once.
                await Task.Delay(FirstPause * Math.Pow(2, tried - 1) * (1 + (NextDouble() / 2)), _time, stopping);
            }
        }
        finally
        {
            if (!taken)
            {
                Interlocked.Add(ref _dropped, spans);
            }
        }
    }

    // What waits at the stop has one chance.
    private async Task FlushAsync()
    {
        using var limit = new CancellationTokenSource(FinalLimit, _time);
        try
        {
            while (Fill() is var spans and > 0)
            {
                bool taken = (await _client.SendAsync(_writer.Written, limit.Token)).Taken;
                Interlocked.Add(ref taken ? ref _exported : ref _dropped, spans);
            }
        }
        catch (OperationCanceledException)
        {
            // The collector is too slow; the process ends.
        }
    }

    // The process's own source, which is for one at a time.
    private double NextDouble()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }

    private void NoteAway(string problem)
    {
        if (!_away)
        {
            _away = true;
            LogAway(_settings.Place, problem);
        }
    }

    private void NoteBack()
    {
        if (_away)
        {
            _away = false;
            LogBack(_settings.Place, Dropped);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The collector at {Place} does not take traces, which are dropped until it does: {Problem}")]
    private partial void LogAway(string place, string problem);

    [LoggerMessage(LogLevel.Error, "Finished calls could not be exported as traces")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(LogLevel.Information, "The collector at {Place} takes traces again; {Dropped} spans were dropped since the start")]
    private partial void LogBack(string place, long dropped);
}
