using Gateway.Core;
using Gateway.Web.Telemetry.Otlp;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

public class OtlpVariablesTests
{
    [Theory]
    [InlineData("http://collector:4318", null, "http://collector:4318/v1/traces", false)]
    [InlineData("http://collector:4318/base/", null, "http://collector:4318/base/v1/traces", false)]
    [InlineData("http://collector:4317", null, "http://collector:4317/opentelemetry.proto.collector.trace.v1.TraceService/Export", true)]
    [InlineData("http://collector:4317", "http/protobuf", "http://collector:4317/v1/traces", false)]
    [InlineData("https://collector", "grpc", "https://collector/opentelemetry.proto.collector.trace.v1.TraceService/Export", true)]
    [InlineData("https://collector", "http/json", "https://collector/v1/traces", false)]
    public void Endpoint_ByItsProtocol_IsCalledWhereThatOneListens(string endpoint, string? protocol, string url, bool grpc)
    {
        OtlpSettings settings = Read(out IReadOnlyList<string> ignored, ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol))!;

        (settings.Url.AbsoluteUri, settings.Grpc).ShouldBe((url, grpc));
        ignored.Count.ShouldBe(protocol == "http/json" ? 1 : 0);
    }

    [Fact]
    public void TracesEndpoint_BesideTheSharedOne_IsTakenAsItIs() =>
        Read(out _, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317"), ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://b/own/path"))!.Url.AbsoluteUri.ShouldBe("http://b/own/path");

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_TRACES_EXPORTER", "none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "")]
    public void Export_SwitchedOffOrNowhereToGo_IsNone(string name, string value) =>
        Read(out _, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"), (name, value)).ShouldBeNull();

    [Fact]
    public void HeadersAndResource_InPercentEncoding_AreRead()
    {
        OtlpSettings settings = Read(
            out IReadOnlyList<string> ignored, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"), ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20c2VjcmV0, x = y ,broken"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod,service.name=other"), ("OTEL_SERVICE_NAME", "mine"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"))!;

        settings.Headers.ShouldBe([new("authorization", "Basic c2VjcmV0"), new("x", "y")]);
        settings.Resource.ShouldBe(
            [new("service.name", "mine"), new("service.version", "1.2"), new("service.instance.id", "node"), new("deployment.environment.name", "prod")], ignoreOrder: true);
        settings.Timeout.ShouldBe(TimeSpan.FromSeconds(2.5));
        ignored.ShouldHaveSingleItem().ShouldNotContain("broken");
    }

    [Theory]
    [InlineData(null, null, false, 1)]
    [InlineData("always_on", null, true, 1)]
    [InlineData("parentbased_always_off", null, false, 0)]
    [InlineData("traceidratio", "0.25", true, 0.25)]
    [InlineData("parentbased_traceidratio", "0.5", false, 0.5)]
    [InlineData("parentbased_traceidratio", "5", false, 1)]
    [InlineData("jaeger_remote", null, false, 1)]
    public void Sampler_ByItsName_TakesWhatItSays(string? sampler, string? argument, bool ignoresParent, double ratio) =>
        Read(out _, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"), ("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument))!
            .Sampling.ShouldBe(new TraceSampling(ignoresParent, (ulong)(ratio * TraceSampling.All)));

    private static OtlpSettings? Read(out IReadOnlyList<string> ignored, params (string Name, string? Value)[] variables)
    {
        // The last one of a name counts.
        var reader = new OtlpVariables(name => variables.LastOrDefault(v => v.Name == name).Value);
        OtlpSettings? settings = reader.Read("1.2", "node");
        ignored = reader.Ignored;
        return settings;
    }
}
