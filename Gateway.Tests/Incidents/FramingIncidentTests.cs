using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>Requests that are no honest requests: smuggled, endless, slow, compressed, too deep. By the product's own server.</summary>
public sealed class FramingIncidentTests
{
    private const string Head = "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n";

    // What a second answer on the connection would betray.
    private const string Smuggled = "GET /livez HTTP/1.1\r\nHost: gateway\r\n\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // CVE-2025-55315 and its family: framings that two servers read differently.
    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("Content-Length: 5, 6\r\n\r\nhello")]
    [InlineData("Content-Length: +5\r\n\r\nhello")]
    [InlineData("Content-Length: -0\r\n\r\n")]
    [InlineData("Content-Length: 0x5\r\n\r\nhello")]
    [InlineData("Content-Length: 5_\r\n\r\nhello")]
    [InlineData("Content-Length: \r\n\r\nhello")]
    [InlineData("Content-Length: 000000000000000000000000000000005\r\n\r\nhello")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\nhello")]
    [InlineData("Content-Length : 5\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2;a\nxx\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx\r\n0\r\n\r\n")]
    [InlineData("X-Folded: a\r\n b\r\nContent-Length: 5\r\n\r\nhello")]
    public async Task AmbiguousFraming_Is400WithOneAnswerAndTheConnectionEnds(string rest)
    {
        await using TestProduct product = OnSocket();
        HttpClient client = await product.StartAsync();

        string answers = await RawHttp.ExchangeAsync(client.BaseAddress!, Head + await KeyHeaderAsync(client) + rest + Smuggled);

        RawHttp.StatusesOf(answers).ShouldHaveSingleItem(answers).ShouldBe(400);
    }

    // CVE-2023-44487: rapid reset needs HTTP/2, which an unencrypted port does not speak.
    [Fact]
    public async Task Http2_ByPriorKnowledge_IsNotSpoken()
    {
        await using TestProduct product = OnSocket();
        HttpClient client = await product.StartAsync();

        string answers = await RawHttp.ExchangeAsync(client.BaseAddress!, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");

        answers.ShouldNotContain("HTTP/1.1 200");
        answers.Length.ShouldBeLessThan(1000);
        (await client.GetAsync("/livez", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task HeadersWithoutEnd_AreRefused()
    {
        await using TestProduct product = OnSocket();
        Uri address = (await product.StartAsync()).BaseAddress!;
        const string Get = "GET /v1/models HTTP/1.1\r\nHost: gateway\r\n";

        RawHttp.StatusesOf(await RawHttp.ExchangeAsync(address, Get + string.Concat(Enumerable.Range(0, 150).Select(i => $"x-{i}: y\r\n")) + "\r\n")).ShouldBe([431]);
        RawHttp.StatusesOf(await RawHttp.ExchangeAsync(address, Get + $"x-long: {new string('a', 40_000)}\r\n\r\n")).ShouldBe([431]);
        RawHttp.StatusesOf(await RawHttp.ExchangeAsync(address, $"GET /v1/models?{new string('a', 20_000)} HTTP/1.1\r\nHost: gateway\r\n\r\n")).ShouldBe([414]);
    }

    // Slowloris: a head that never ends is cut at Gateway:Server:ReadTimeout (30 s unless set).
    [Fact]
    public async Task HalfOpenConnection_IsCutAtTheReadTimeoutAndOthersGoOn()
    {
        await using TestProduct product = OnSocket();
        product.Settings["Gateway:Server:ReadTimeout"] = "1s";
        HttpClient client = await product.StartAsync();
        Task<string>[] slow = [.. Enumerable.Range(0, 100).Select(_ => RawHttp.ExchangeAsync(client.BaseAddress!, "POST /v1/chat/completions HTTP/1.1\r\nHost: g"))];

        (await client.GetAsync("/livez", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);

        foreach (string answer in await Task.WhenAll(slow))
        {
            RawHttp.StatusesOf(answer).ShouldBe([408]);
        }
    }

    // Kestrel's own default is no limit at all.
    [Fact]
    public async Task ConnectionsBeyondTheLimit_AreClosedAndOnesThatEndGiveTheirPlaceBack()
    {
        await using TestProduct product = OnSocket();
        product.Settings["Gateway:Server:MaxConnections"] = "10";
        HttpClient client = await product.StartAsync();
        Uri address = client.BaseAddress!;
        var held = new List<TcpClient>();
        int served = 0;
        // What answers has its place; connections are not taken in the order in which they were made, and one that was meant for whoever had
        // this port before may have a place for a moment.
        await Eventually.TrueAsync(async () =>
        {
            var connection = new TcpClient();
            held.Add(connection);
            try
            {
                await connection.ConnectAsync(address.Host, address.Port, Cancel);
                await connection.GetStream().WriteAsync("GET /livez HTTP/1.1\r\nHost: g\r\n\r\n"u8.ToArray(), Cancel);
                served += await connection.GetStream().ReadAsync(new byte[1], Cancel);
            }
            catch (IOException)
            {
                // Closed before it had read what was sent.
            }
            return served is 10;
        });

        (await RawHttp.ExchangeAsync(address, "GET /livez HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n")).ShouldBeEmpty();

        held.ForEach(h => h.Dispose());
        string answer = "";
        await Eventually.TrueAsync(() => (answer = RawHttp.ExchangeAsync(address, "GET /livez HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n").GetAwaiter().GetResult()).Length > 0);
        answer.ShouldStartWith("HTTP/1.1 200");
    }

    // headroomlabs-ai/headroom#3325: 16 KB became 512 MB. Nothing is decompressed, so nothing can become larger.
    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/responses")]
    [InlineData("/v1/messages")]
    [InlineData("/v1/embeddings")]
    [InlineData("/v1beta/models/m:generateContent")]
    [InlineData("/openai/deployments/m/chat/completions?api-version=2024-10-21")]
    public async Task CompressedRequest_OnAnyRoute_Is415(string path)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[4096]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");

        using HttpResponseMessage response = await gateway.Client.SendAsync(request, Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        upstream.Seen.ShouldBeEmpty();
    }

    // CVE-2024-8984: an endless boundary stopped the service.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EndlessMultipartBoundary_Is4xxAtOnce(bool declared)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audio/transcriptions")
        {
            Content = new ByteArrayContent(Encoding.ASCII.GetBytes((declared ? "" : "--b") + new string('-', 500_000))),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={(declared ? new string('-', 20_000) : "b")}");

        // One that is looked for again at each of its bytes takes hours.
        using HttpResponseMessage response = await gateway.Client.SendAsync(request, Cancel).WaitAsync(Eventually.Limit, Cancel);

        ((int)response.StatusCode).ShouldBeInRange(400, 499);
        upstream.Seen.ShouldBeEmpty();
    }

    // fmind-ai/fgentic#1409: the gate read one of two keys, the upstream the other.
    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"m","model":"other","messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"m","m\u006fdel":"other","messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"m","messages":[],"stream":false,"str\u0065am":true}""")]
    [InlineData("/v1/responses", """{"model":"m","m\u006fdel":"other","input":"x"}""")]
    [InlineData("/v1/messages", """{"model":"m","m\u006fdel":"other","messages":[],"max_tokens":1}""")]
    [InlineData("/v1/embeddings", """{"model":"m","m\u006fdel":"other","input":"x"}""")]
    [InlineData("/v1beta/models/m:generateContent", """{"contents":[],"c\u006fntents":[]}""")]
    public async Task DuplicateName_AlsoEscaped_Is400OnEveryWire(string path, string body)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(body, path);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        upstream.Seen.ShouldBeEmpty();
    }

    // MAXeaglet/commandcode-proxy#20: a client that does not read filled the memory. Here the upstream has to wait.
    [Fact]
    public async Task ClientThatNeverReads_TheUpstreamStopsAndMemoryStays()
    {
        long sent = 0;
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            byte[] chunk = Encoding.UTF8.GetBytes($"data: {Answers.Delta(new string('x', 32_000))}\n\n");
            while (Interlocked.Add(ref sent, chunk.Length) < 600_000_000)
            {
                await c.ChunkAsync(chunk);
            }
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        string body = TestGateway.Body("\"stream\":true");
        var readers = new List<TcpClient>();
        for (int i = 0; i < 6; i++)
        {
            var reader = new TcpClient { ReceiveBufferSize = 4096 };
            await reader.ConnectAsync(gateway.Address.Host, gateway.Address.Port, Cancel);
            await reader.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {TestGateway.Key}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"), Cancel);
            readers.Add(reader);
        }

        // It has stopped when half a second brings nothing more.
        await Eventually.TrueAsync(() => Interlocked.Read(ref sent) > 0);
        long last = -1;
        while (Interlocked.Read(ref sent) is var now && now != last)
        {
            last = now;
            await Task.Delay(500, Cancel);
        }

        // What was never sent is held nowhere; the most of this is in the kernel's buffers. The process's own size is that of all tests in it.
        last.ShouldBeLessThan(150_000_000);
        readers.ForEach(r => r.Dispose());
    }

    private static TestProduct OnSocket() => new() { OnSocket = true };

    private static async Task<string> KeyHeaderAsync(HttpClient admin)
    {
        string key = (await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""")).GetProperty("key").GetString()!;
        return $"Authorization: Bearer {key}\r\n";
    }
}
