using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>
/// Bodies that no client means, on every wire: never an answer that blames the gateway. How many is
/// <c>GATEWAY_FUZZ_BODIES</c>; a run of a million is described in docs/security.md.
/// </summary>
public sealed class FuzzIncidentTests
{
    private const int Workers = 8;

    // Valid calls, a wire each, from which the others are made.
    private static readonly (string Path, string Body)[] Seeds =
    [
        ("/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"hé"},{"role":"assistant","content":[{"type":"text","text":"x"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}],"max_tokens":5,"stream":false,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"omni_metadata":{"a":"b"}}"""),
        ("/v1/completions", """{"model":"m","prompt":["a","b"],"max_tokens":5,"logit_bias":{"1":-100}}"""),
        ("/v1/embeddings", """{"model":"m","input":["a",[1,2,3]],"encoding_format":"base64","dimensions":8}"""),
        ("/v1/responses", """{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}],"max_output_tokens":16,"store":false,"tools":[{"type":"function","name":"f"}]}"""),
        ("/v1/messages", """{"model":"m","max_tokens":5,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]}],"thinking":{"type":"enabled","budget_tokens":1024}}"""),
        ("/v1beta/models/m:generateContent", """{"contents":[{"role":"user","parts":[{"text":"x"},{"inlineData":{"mimeType":"image/png","data":"AA=="}}]}],"generationConfig":{"maxOutputTokens":5}}"""),
    ];

    private static readonly string[] Grammar =
        ["{", "}", "[", "]", ":", ",", "\"", "\\", "null", "true", "-", "1e999", "1e-999", "99999999999999999999", "-0.0", "\"\\ud800\"", "\"\\u0000\"", "\\u006dodel", "//", "/*", "NaN", "\ufeff", " ", "\n", "\"model\":", "\"messages\":[", "\"m\"", "{\"a\":", "[[[[[[[[", "\"\"", "\"stream\":1"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnyBody_OnAnyWire_IsNeverA5xx()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("GATEWAY_FUZZ_BODIES") ?? "20000", CultureInfo.InvariantCulture);
        await using WebApplication upstream = await UpstreamAsync();
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(new Uri(upstream.Urls.First() + "/v1")), new() { MaxRetries = 0, MaxRequestBodyBytes = 65_536 });
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = worker; i < count; i += Workers)
            {
                (string path, string seed) = Seeds[random.Next(Seeds.Length)];
                byte[] body = Mutate(random, seed);
                using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                if (random.Next(4) == 0)
                {
                    request.Headers.TransferEncodingChunked = true;
                }
                using HttpResponseMessage answer = await SendAsync(gateway, request, path, body);
                int status = (int)answer.StatusCode;
                statuses.AddOrUpdate(status, 1, (_, n) => n + 1);
                string text = await answer.Content.ReadAsStringAsync(Cancel);
                Assert.True(status < 500, $"{status} to {path}: {Convert.ToBase64String(body)}\n{text}");
                Assert.False(text.Contains("System.", StringComparison.Ordinal) || text.Contains("   at ", StringComparison.Ordinal), text);
            }
        })));
        statuses.Values.Sum().ShouldBe(count);
        statuses.Keys.ShouldContain(200);
        statuses.Keys.ShouldContain(400);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
    }

    [Fact]
    public async Task AnyBody_OnTheAdminApi_IsNeverA5xx()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("GATEWAY_FUZZ_BODIES") ?? "20000", CultureInfo.InvariantCulture) / 20;
        (string Path, string Body)[] seeds =
        [
            ("models", """{"name":"m","aliases":["a"],"default_params":{"temperature":1},"backends":[{"url":"https://h.example/v1","weight":1,"priority":0}],"on_loss":"warn","max_output_tokens":5}"""),
            ("providers", """{"name":"p","kind":"openai","base_url":"https://p.example","settings":{"timeout_ms":5},"credentials":[{"label":"l","secret":"s","rpm_limit":1}]}"""),
            ("routes", """{"name":"r","steps":[{"model":"m","timeout_ms":5}],"retry_on":["timeout"]}"""),
            ("keys", """{"name":"k","rpm_limit":1,"allowed_models":["a*"],"expires_at":"2030-01-01T00:00:00Z"}"""),
            ("teams", """{"name":"t","allowed_models":["a"],"owners":["o"]}"""),
            ("budgets", """{"name":"b","scope":"gateway","amount_usd":"1.5","period":"month","time_zone":"Asia/Tokyo"}"""),
            ("prices", """{"model":"x","input_per_million":"1","effective_from":"2026-01-01T00:00:00Z"}"""),
        ];
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        var random = new Random(7);
        for (int i = 0; i < count; i++)
        {
            (string path, string seed) = seeds[random.Next(seeds.Length)];
            byte[] body = Mutate(random, seed);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage answer = await admin.PostAsync("/admin/v1/" + path, content, Cancel);
            string text = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode} to {path}: {Convert.ToBase64String(body)}\n{text}");
            Assert.False(text.Contains("System.", StringComparison.Ordinal), text);
        }
    }

    // Nesting that a recursive reader would not survive.
    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public async Task NestingWithoutEnd_OnEveryWire_Is400(string open)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:1/v1")));
        string deep = string.Concat(Enumerable.Repeat(open, 100_000));
        foreach ((string path, _) in Seeds)
        {
            using HttpResponseMessage answer = await gateway.PostAsync("{\"model\":\"m\",\"messages\":" + deep, path);
            ((int)answer.StatusCode).ShouldBe(400, path);
        }
    }

    // A connection that breaks is a failure, and which request broke it is what one wants to know.
    private static async Task<HttpResponseMessage> SendAsync(TestGateway gateway, HttpRequestMessage request, string path, byte[] body)
    {
        try
        {
            return await gateway.Client.SendAsync(request, Cancel);
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException($"{path} ({(request.Headers.TransferEncodingChunked == true ? "chunked" : "length")}): {Convert.ToBase64String(body)}", e);
        }
    }

    private static byte[] Mutate(Random random, string seed)
    {
        var text = new StringBuilder(seed);
        int kind = random.Next(10);
        if (kind == 0)
        {
            return Encoding.UTF8.GetBytes(seed);
        }
        if (kind < 5)
        {
            for (int n = random.Next(1, 5); n > 0 && text.Length > 0; n--)
            {
                string piece = Grammar[random.Next(Grammar.Length)];
                int at = random.Next(text.Length);
                _ = random.Next(3) switch
                {
                    0 => text.Insert(at, piece),
                    1 => text.Remove(at, Math.Min(text.Length - at, random.Next(1, 20))),
                    _ => text.Remove(at, 1).Insert(at, piece),
                };
            }
        }
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        for (int n = kind < 7 ? random.Next(0, 4) : 0; n > 0 && bytes.Length > 0; n--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }
        return kind switch
        {
            7 => bytes[..random.Next(bytes.Length)],
            8 => [.. bytes, .. bytes[..random.Next(bytes.Length)]],
            9 => [.. Enumerable.Range(0, random.Next(1, 12)).SelectMany(_ => Encoding.UTF8.GetBytes(Grammar[random.Next(Grammar.Length)]))],
            _ => bytes,
        };
    }

    // A web server here: a socket read byte by byte would be the slowest part.
    private static async Task<WebApplication> UpstreamAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(context.Request.Path.Value!.EndsWith("/embeddings", StringComparison.Ordinal)
                ? """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]},{"object":"embedding","index":1,"embedding":[0.5]}],"model":"real-model","usage":{"prompt_tokens":3,"total_tokens":3}}"""
                : Answers.Chat);
        });
        await app.StartAsync(Cancel);
        return app;
    }
}
