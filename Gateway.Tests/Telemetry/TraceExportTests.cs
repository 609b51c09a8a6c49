using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Gateway.Core.Live;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Gateway.Web.Telemetry.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Telemetry;

/// <summary>Traces of the whole product, as a collector gets them.</summary>
public sealed class TraceExportTests
{
    private const string V1 = "/admin/v1";
    private const string Sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string Body = """{"model":"m","messages":[{"role":"user","content":"the prompt"}],"omni_metadata":{"team":"search","n":3}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_OfACallThatFailedOver_AreThoseThatTheUpstreamsWereTold()
    {
        await using ScriptedUpstream broken = ScriptedUpstream.Json(Answers.Error("no"), 500);
        await using ScriptedUpstream sound = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream collector = ScriptedUpstream.Json("{}");
        await using var product = new TestProduct
        {
            Settings =
            {
                ["Gateway:Upstreams:MaxRetries"] = "0",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = new Uri(collector.Url, "/").AbsoluteUri,
                ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-tenant=a%20b",
                ["OTEL_SERVICE_NAME"] = "the-gateway",
            },
        };
        (HttpClient client, string key) = await StartAsync(product, broken.Url, sound.Url);

        await ChatAsync(client, key, Sent);

        await Eventually.TrueAsync(() => !collector.Seen.IsEmpty);
        SeenRequest request = collector.Seen.ShouldHaveSingleItem();
        (request.Method, request.Path).ShouldBe(("POST", "/v1/traces"));
        (request.Headers["Content-Type"], request.Headers["x-tenant"]).ShouldBe(("application/x-protobuf", "a b"));
        SeenSpan.ResourceOf(request.Bytes)["service.name"].ShouldBe("the-gateway");
        IReadOnlyList<SeenSpan> spans = SeenSpan.Of(request.Bytes);
        spans.Count.ShouldBe(3);
        spans.ShouldAllBe(s => s.TraceId == "0af7651916cd43dd8448eb211c80319c" && s.State == "vendor=1" && s.End >= s.Start);

        SeenSpan call = spans.Single(s => s.Kind == 2);
        (call.Parent, call.Name, call.Status).ShouldBe(("b7ad6b7169203331", "POST /v1/chat/completions", 0));
        call.Attributes["http.response.status_code"].ShouldBe(200L);
        call.Attributes["gen_ai.operation.name"].ShouldBe("chat");
        call.Attributes["gen_ai.request.model"].ShouldBe("m");
        call.Attributes["gateway.metadata.team"].ShouldBe("search");
        call.Attributes["gateway.metadata.n"].ShouldBe("3");
        call.Attributes["gateway.attempts"].ShouldBe(2L);

        SeenSpan[] attempts = [.. spans.Where(s => s.Kind == 3).OrderBy(s => s.Start)];
        attempts.ShouldAllBe(s => s.Parent == call.Id && s.Start >= call.Start && s.End <= call.End);
        attempts[0].Id.ShouldBe(SpanSeenBy(broken));
        attempts[1].Id.ShouldBe(SpanSeenBy(sound));
        attempts[0].Status.ShouldBe(2);
        attempts[0].Attributes["error.type"].ShouldBe("upstream_server_error");
        attempts[0].Attributes["http.response.status_code"].ShouldBe(500L);
        attempts[0].Attributes.ContainsKey("gen_ai.usage.input_tokens").ShouldBeFalse();
        attempts[1].Status.ShouldBe(0);
        attempts[1].Name.ShouldBe("chat m");
        attempts[1].Attributes["gen_ai.usage.input_tokens"].ShouldBe(11L);
        attempts[1].Attributes["gen_ai.usage.output_tokens"].ShouldBe(22L);
        attempts[1].Attributes["gen_ai.response.finish_reasons"].ShouldBe("stop");
        attempts[1].Attributes["gen_ai.provider.name"].ShouldBe("openai-compatible");
        attempts[1].Attributes["server.address"].ShouldBe("127.0.0.1");
        attempts[1].Attributes["server.port"].ShouldBe((long)sound.Url.Port);
        string text = Encoding.UTF8.GetString(request.Bytes);
        text.ShouldNotContain("the prompt");
        text.ShouldNotContain("hi there");
        text.ShouldNotContain(key);
        text.ShouldNotContain("the-client");
        text.ShouldNotContain("sk-of-the-upstream");
    }

    [Fact]
    public async Task Spans_OverGrpc_ArriveToo()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using GrpcCollector collector = await GrpcCollector.StartAsync();
        await using var product = new TestProduct
        {
            Settings = { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc" },
        };
        (HttpClient client, string key) = await StartAsync(product, upstream.Url);
        using LiveFeed.Watcher feed = product.Services.GetRequiredService<LiveFeed>().Watch();

        await ChatAsync(client, key, traceparent: null);

        await Eventually.TrueAsync(() => !collector.Seen.IsEmpty);
        IReadOnlyList<SeenSpan> spans = SeenSpan.Of(collector.Seen.ShouldHaveSingleItem());
        spans.Select(s => s.TraceId).Distinct().ShouldHaveSingleItem().ShouldBe((await feed.Records.ReadAsync(Cancel)).TraceId);
        spans.Single(s => s.Kind == 2).Parent.ShouldBeNull("the trace begins here");
        spans.Single(s => s.Kind == 3).Id.ShouldBe(SpanSeenBy(upstream));
        upstream.Seen.Single().Headers["traceparent"].ShouldEndWith("-01");
        await Eventually.TrueAsync(() => product.Services.GetRequiredService<SpanExporter>().Exported == 2);
    }

    [Fact]
    public async Task Collector_ThatIsAway_CostsNothingButItsSpans()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct { Settings = { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", ["Gateway:Telemetry:LogLevel"] = "critical" } };
        (HttpClient client, string key) = await StartAsync(product, upstream.Url);

        for (int i = 0; i < 5; i++)
        {
            await ChatAsync(client, key, Sent);
        }

        await Eventually.TrueAsync(async () => (await client.GetStringAsync("/metrics", Cancel)).Contains("\ngateway_trace_spans_dropped_total 10\n"));
        (await client.GetStringAsync("/metrics", Cancel)).ShouldContain("\ngateway_trace_spans_exported_total 0\n");
        await ChatAsync(client, key, Sent);
    }

    [Fact]
    public async Task Spans_OfATraceThatIsNotRecorded_AreNotSent()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using ScriptedUpstream collector = ScriptedUpstream.Json("{}");
        await using var product = new TestProduct
        {
            Settings = { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = new Uri(collector.Url, "/").AbsoluteUri, ["OTEL_TRACES_SAMPLER"] = "parentbased_always_off" },
        };
        (HttpClient client, string key) = await StartAsync(product, upstream.Url);

        await ChatAsync(client, key, traceparent: null);
        await ChatAsync(client, key, Sent[..^2] + "00");
        await ChatAsync(client, key, Sent);

        await Eventually.TrueAsync(() => !collector.Seen.IsEmpty);
        SeenSpan.Of(collector.Seen.ShouldHaveSingleItem().Bytes).Count.ShouldBe(2, "those of the one that its caller records");
        upstream.Seen.Select(s => s.Headers["traceparent"][^2..]).ShouldBe(["00", "00", "01"]);
    }

    [Fact]
    public async Task Exporter_WithoutACollector_IsNotThere()
    {
        await using var product = new TestProduct();
        await product.StartAsync();

        product.Services.GetService<SpanExporter>().ShouldBeNull();
    }

    private static async Task<(HttpClient Client, string Key)> StartAsync(TestProduct product, params Uri[] upstreams)
    {
        HttpClient admin = await product.StartAsync();
        foreach ((int i, Uri url) in upstreams.Index())
        {
            await admin.PostAsync(V1 + "/providers", $$"""{"name":"p{{i}}","base_url":"{{url}}","credentials":[{"label":"main","secret":"sk-of-the-upstream"}]}""");
        }
        string backends = string.Join(',', upstreams.Index().Select(u => $$"""{"provider":"p{{u.Index}}","priority":{{u.Index}}}"""));
        await admin.PostAsync(V1 + "/models", $$"""{"name":"m","backends":[{{backends}}]}""");
        return (admin, (await admin.PostAsync(V1 + "/keys", """{"name":"the-client"}""")).GetProperty("key").GetString()!);
    }

    private static async Task ChatAsync(HttpClient client, string key, string? traceparent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Body, Encoding.UTF8, "application/json"),
            Headers = { { "Authorization", "Bearer " + key } },
        };
        if (traceparent is not null)
        {
            request.Headers.Add("traceparent", traceparent);
            request.Headers.Add("tracestate", "vendor=1");
        }
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static string SpanSeenBy(ScriptedUpstream upstream) => upstream.Seen.ShouldHaveSingleItem().Headers["traceparent"].Split('-')[2];

    /// <summary>Takes spans over gRPC, on HTTP/2 without TLS as collectors do.</summary>
    private sealed class GrpcCollector(WebApplication app) : IAsyncDisposable
    {
        public ConcurrentQueue<byte[]> Seen { get; } = new();

        public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public static async Task<GrpcCollector> StartAsync()
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
            WebApplication app = builder.Build();
            var collector = new GrpcCollector(app);
            app.MapPost("/opentelemetry.proto.collector.trace.v1.TraceService/Export", collector.TakeAsync);
            await app.StartAsync(Cancel);
            return collector;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task TakeAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, Cancel);
            Seen.Enqueue(body.ToArray()[5..]);
            context.Response.ContentType = "application/grpc";
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5], Cancel);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
