using System.Diagnostics;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Telemetry;
using Gateway.Core.Telemetry.Metrics;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Configuration;
using Gateway.Web.Health;
using Gateway.Web.Hosting;
using Gateway.Web.Storage.Usage;

namespace Gateway.Web.Telemetry;

/// <summary>What this process is and what it depends on: its books, the database, Redis.</summary>
/// <param name="redis">Null where none is configured; then nothing is said about it.</param>
internal sealed class NodeMetrics(
    GatewaySettings settings, UsageSink sink, Journal journal, JournalDrain drain, OperationWatch watch, RejectedConnections rejected, RedisLink? redis = null) : IMetricSource
{
    public void Write(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "gateway_build_info", "Always 1; its labels say what runs.");
        writer.Sample(1, new("version", ProgramVersion.Text), new("role", settings.Role), new("node", settings.NodeName));
        WriteBooks(writer);
        writer.Family(MetricType.Gauge, "gateway_database_up", "1: the database answered when it was last asked, within ten seconds; else 0. Requests are served either way.");
        writer.Sample(watch.DatabaseUp ? 1 : 0);
        if (redis is not null)
        {
            writer.Family(MetricType.Gauge, "gateway_redis_up", "1: limits are shared with the other nodes; 0: Redis is away.");
            writer.Sample(redis.IsUp ? 1 : 0);
        }
        writer.Family(MetricType.Counter, "gateway_connections_rejected_total", "Connections that were closed at once, since there were as many as there may be.");
        writer.Sample(rejected.Count);
        WriteProcess(writer);
    }

    private void WriteBooks(ExpositionWriter writer)
    {
        writer.Family(MetricType.Gauge, "gateway_journal_writable", "1: calls can be recorded; 0: they are refused until they can.");
        writer.Sample(journal.IsWritable ? 1 : 0);
        writer.Family(MetricType.Counter, "gateway_journal_refused_total", "Calls that found no room in the journal.");
        writer.Sample(journal.Refused);
        if (drain.LagBytes is { } lag)
        {
            writer.Family(MetricType.Gauge, "gateway_journal_lag_bytes", "Journal that is not in the database yet.");
            writer.Sample(lag);
        }
        writer.Family(MetricType.Gauge, "gateway_journal_stalled", "1: the database takes no records at the moment; else 0.");
        writer.Sample(drain.StalledSince is null ? 0 : 1);
        writer.Family(MetricType.Counter, "gateway_journal_set_aside_total", "Records that the database did not take for what is in them; they are in refused.jsonl beside the journal.");
        writer.Sample(drain.SetAside);
        writer.Family(MetricType.Counter, "gateway_telemetry_dropped_total", "Calls missing in these metrics, the log and traces, since there were too many at once. They are in the books.");
        writer.Sample(sink.Dropped);
        writer.Family(MetricType.Counter, "gateway_log_lost_total", "Calls missing in the log alone, since it was not read fast enough or there was no room for it. They are in the books.");
        writer.Sample(sink.LogLost);
    }

    // By the names that Prometheus's own clients have, so that common boards show them.
    private static void WriteProcess(ExpositionWriter writer)
    {
        using var process = Process.GetCurrentProcess();
        writer.Family(MetricType.Counter, "process_cpu_seconds_total", "Processor time used, of user and system.");
        writer.Sample(Environment.CpuUsage.TotalTime.TotalSeconds);
        writer.Family(MetricType.Gauge, "process_resident_memory_bytes", "Memory of the process that is in RAM.");
        writer.Sample(Environment.WorkingSet);
        writer.Family(MetricType.Gauge, "process_start_time_seconds", "When the process started, in seconds since 1970.");
        writer.Sample(new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        writer.Family(MetricType.Gauge, "process_threads", "Threads of the process.");
        writer.Sample(process.Threads.Count);
        writer.Family(MetricType.Gauge, "dotnet_gc_heap_bytes", "Managed memory in use, garbage that was not collected yet included.");
        writer.Sample(GC.GetTotalMemory(forceFullCollection: false));
        writer.Family(MetricType.Counter, "dotnet_gc_collections_total", "Garbage collections, by the oldest generation collected.");
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            writer.Sample(GC.CollectionCount(generation), new Label("generation", generation == 0 ? "0" : generation == 1 ? "1" : "2"));
        }
        writer.Family(MetricType.Gauge, "dotnet_threadpool_threads", "Threads of the pool that serves requests.");
        writer.Sample(ThreadPool.ThreadCount);
        writer.Family(MetricType.Gauge, "dotnet_threadpool_queue_length", "Pieces of work that wait for one of them.");
        writer.Sample(ThreadPool.PendingWorkItemCount);
    }
}
