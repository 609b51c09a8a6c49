using System.Buffers;
using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Telemetry.Metrics;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

public class CallMetricsTests
{
    private static readonly GatewayCatalog Catalog = CatalogOf();

    [Fact]
    public void Call_ThatWentWell_IsCountedOnceInEachFamily()
    {
        var metrics = new CallMetrics(Catalog);

        metrics.Observe(Record());

        string[] lines = Lines(metrics);
        lines.ShouldContain("""gateway_requests_total{model="m",provider="provider-0",operation="chat.completions",status="2xx",error=""} 1""");
        lines.ShouldContain("""gateway_attempts_total{provider="provider-0",backend="b0",outcome="success"} 1""");
        lines.ShouldContain("""gateway_tokens_total{model="m",provider="provider-0",type="input"} 10""");
        lines.ShouldContain("""gateway_tokens_total{model="m",provider="provider-0",type="cached"} 4""");
        lines.ShouldContain("""gateway_tokens_total{model="m",provider="provider-0",type="output"} 11""");
        lines.ShouldContain("""gateway_tokens_total{model="m",provider="provider-0",type="reasoning"} 3""");
        lines.ShouldContain("""gateway_cost_usd_total{model="m",provider="provider-0"} 0.000000025""");
        lines.ShouldContain("""gateway_request_duration_seconds_sum{model="m",provider="provider-0"} 2""");
        lines.ShouldContain("""gateway_time_to_first_token_seconds_sum{model="m",provider="provider-0"} 0.5""");
        // Ten gaps in one second and a half less the half.
        lines.ShouldContain("""gateway_inter_token_latency_seconds_sum{model="m",provider="provider-0"} 0.1""");
        lines.ShouldContain("""gateway_output_tokens_per_second_sum{model="m",provider="provider-0"} 5.5""");
        lines.ShouldContain("""gateway_overhead_seconds_sum{model="m",provider="provider-0"} 0.001""");
        lines.ShouldContain("""gateway_failovers_total{model="m",provider="provider-0"} 0""");
    }

    [Fact]
    public void Call_ThatWasRefused_CountsAsARequestAndNothingElse()
    {
        var metrics = new CallMetrics(Catalog);
        metrics.Observe(new UsageRecord { Path = "/v1/x", Model = "m", Status = 429, ErrorKind = "rate_limited", LimitHit = new LimitHit("rpm", "key") });

        string[] lines = Lines(metrics);
        lines.ShouldContain("""gateway_requests_total{model="m",provider="",operation="chat.completions",status="4xx",error="rate_limited"} 1""");
        lines.ShouldContain("""gateway_limit_rejections_total{limit="rpm",scope="key"} 1""");
        lines.Where(l => l.StartsWith("gateway_request_duration", StringComparison.Ordinal) || l.StartsWith("gateway_tokens", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Call_OfAModelThatAClientInvented_HasNoLabelOfItsOwn()
    {
        var metrics = new CallMetrics(Catalog);
        UsageRecord record = Record();
        record.Model = "tell nobody";
        record.Attempts = [record.Attempts[0] with { BackendId = "p0/tell nobody" }];

        metrics.Observe(record);

        string text = string.Join('\n', Lines(metrics));
        text.ShouldContain("model=\"unknown\"");
        text.ShouldContain("backend=\"unknown\"");
        text.ShouldNotContain("tell nobody");
    }

    [Fact]
    public void Call_OfAHealthCheck_IsNotCounted()
    {
        var metrics = new CallMetrics(Catalog);
        UsageRecord record = Record();
        record.Path = "health check";

        metrics.Observe(record);

        Lines(metrics).ShouldBeEmpty();
    }

    [Fact]
    public void Calls_OfMoreProvidersThanThereIsRoomFor_AreCountedAsOther()
    {
        var metrics = new CallMetrics(Catalog);
        for (int i = 0; i < 5000; i++)
        {
            UsageRecord record = Record();
            record.Provider = $"p{i}";
            record.Attempts = [record.Attempts[0] with { Provider = $"p{i}" }];
            metrics.Observe(record);
        }

        string[] lines = Lines(metrics);
        lines.Length.ShouldBeLessThan(12_000);
        lines.ShouldContain("""gateway_requests_total{model="other",provider="other",operation="other",status="other",error="other"} 4000""");
        lines.ShouldContain("""gateway_request_duration_seconds_count{model="other",provider="other"} 4900""");
        lines.Where(l => l.StartsWith("gateway_requests_total", StringComparison.Ordinal)).Sum(ValueOf).ShouldBe(5000);
    }

    private static double ValueOf(string line) => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private static UsageRecord Record() => new()
    {
        Path = "/v1/chat/completions",
        Operation = Operation.ChatCompletions,
        Model = "m",
        Provider = "provider-0",
        BackendId = "b0",
        Status = 200,
        Streamed = true,
        Admitted = true,
        DurationUs = 2_000_000,
        TimeToFirstTokenUs = 500_000,
        LastTokenUs = 1_500_000,
        UpstreamUs = 1_999_000,
        Usage = new Usage(UsageSource.Reported, 10, 4, 0, 11, 3),
        Cost = new NanoUsd(25),
        Attempts = [new AttemptRecord("provider-0", "b0", "real-model", "main", 100, 200, 1000, 200, null)],
    };

    private static string[] Lines(CallMetrics metrics)
    {
        var output = new ArrayBufferWriter<byte>();
        metrics.Write(new ExpositionWriter(output, openMetrics: false));
        return [.. Encoding.UTF8.GetString(output.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#')];
    }

    private static GatewayCatalog CatalogOf()
    {
        var catalog = new GatewayCatalog();
        catalog.Replace(TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1"))).ShouldBeEmpty();
        return catalog;
    }
}
