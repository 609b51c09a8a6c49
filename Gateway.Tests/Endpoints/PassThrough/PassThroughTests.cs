using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Forwarding;
using Gateway.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints.PassThrough;

/// <summary>What the gateway does not understand, from a client's socket to an upstream's.</summary>
public sealed class PassThroughTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FileUpload_ReachesTheOnlyOpenAIProvider_WithTheGatewaysCredential()
    {
        const string File = """{"id":"file-abc123","object":"file","bytes":3,"filename":"a.jsonl","purpose":"batch"}""";
        await using var upstream = ScriptedUpstream.Json(File, headers: "x-ratelimit-remaining-requests: 7\r\nSet-Cookie: a=b\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));
        var form = new MultipartFormDataContent("b") { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Forms.Noise(300_000)), "file", "a.jsonl" } };
        byte[] expected = await form.ReadAsByteArrayAsync(Cancel);

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/files?expand=x", form, Cancel);

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(File);
        response.Headers.GetValues("x-upstream-ratelimit-remaining-requests").ShouldBe(["7"]);
        response.Headers.Contains("Set-Cookie").ShouldBeFalse();
        response.Headers.Contains("x-request-id").ShouldBeTrue();
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        (seen.Method, seen.Path).ShouldBe(("POST", "/v1/files?expand=x"));
        seen.Headers["Authorization"].ShouldBe("Bearer sk-0");
        seen.Bytes.SequenceEqual(expected).ShouldBeTrue();
        UsageRecord record = await gateway.NextRecordAsync();
        (record.Operation, record.Method, record.Path, record.Status, record.Provider).ShouldBe((Operation.PassThrough, "POST", "/v1/files", 200, "openai-0"));
        (record.RequestBytes, record.ResponseBytes).ShouldBe((expected.Length, File.Length));
        record.Usage.Source.ShouldBe(UsageSource.Unknown);
        record.Cost.ShouldBeNull();
        gateway.Services.GetRequiredService<ResourceOwners>().Find("file-abc123")!.Value.Provider.ShouldBe("p0");
    }

    // Each vendor's SDK writes the version into its paths: it went upstream twice, and nothing was there.
    [Theory]
    [InlineData("/providers/openai-0/v1/files", "/v1/files")]
    [InlineData("/providers/openai-0/files", "/v1/files")]
    [InlineData("/providers/openai-0/v1beta/files", "/v1/v1beta/files")]
    [InlineData("/providers/openai-0/v1x/files", "/v1/v1x/files")]
    public async Task Version_ThatThePathRepeats_StandsOnce(string path, string upstreamPath)
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));

        using HttpResponseMessage response = await gateway.Client.GetAsync(path, Cancel);

        upstream.Seen.ShouldHaveSingleItem().Path.ShouldBe(upstreamPath);
    }

    [Fact]
    public async Task Trace_OfTheClient_GoesOnWithASpanOfItsOwn()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));
        gateway.Client.DefaultRequestHeaders.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        gateway.Client.DefaultRequestHeaders.Add("tracestate", "vendor=1");

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files?secret=x", Cancel);

        UsageRecord record = await gateway.NextRecordAsync();
        AttemptRecord attempt = record.Attempts.ShouldHaveSingleItem();
        IReadOnlyDictionary<string, string> seen = upstream.Seen.ShouldHaveSingleItem().Headers;
        seen["traceparent"].ShouldBe(record.TraceContext.ToHeader(attempt.SpanId));
        seen["traceparent"].ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        seen["tracestate"].ShouldBe("vendor=1");
        attempt.Url!.AbsolutePath.ShouldBe("/v1/files");
    }

    [Fact]
    public async Task Fault_OnTheProvider_IsTakenForReal()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));
        gateway.Services.GetRequiredService<ChaosSwitch>().TryAdd(new Fault
        {
            Id = "f",
            Kind = FaultKind.ServerError,
            Provider = "openai-0",
            Since = TimeProvider.System.GetUtcNow(),
            Until = TimeProvider.System.GetUtcNow().AddMinutes(5),
            By = "test",
        }).ShouldBeTrue();

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        upstream.Seen.ShouldBeEmpty();
        (await gateway.NextRecordAsync()).Attempts.Single().Fault.ShouldBe("chaos: server_error");
    }

    [Fact]
    public async Task Resources_GoWhereTheyWereMade()
    {
        await using var first = ScriptedUpstream.Json("""{"id":"file-in-0"}""");
        await using var second = ScriptedUpstream.Json("""{"id":"file-in-1"}""");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(first.Url, second.Url), new GatewayOptions { DefaultProvider = "openai-0" });

        await SendAsync(gateway, HttpMethod.Post, "/v1/files", "openai-1", "{}");
        await SendAsync(gateway, HttpMethod.Get, "/v1/files/file-in-1/content");
        await SendAsync(gateway, HttpMethod.Post, "/v1/batches", null, """{"input_file_id":"file-in-1","endpoint":"/v1/chat/completions"}""");
        await SendAsync(gateway, HttpMethod.Get, "/v1/files/file-of-nobody");

        second.Seen.Select(s => s.Path).ShouldBe(["/v1/files", "/v1/files/file-in-1/content", "/v1/batches"]);
        second.Seen.Last().Body.ShouldBe("""{"input_file_id":"file-in-1","endpoint":"/v1/chat/completions"}""");
        first.Seen.Select(s => s.Path).ShouldBe(["/v1/files/file-of-nobody"]);
    }

    [Theory]
    [InlineData(null, true, null, "openai-0")]
    [InlineData("openai-1", true, null, "openai-1")]
    [InlineData("openai-1", false, null, "openai-1")]
    [InlineData("openai-1", true, "openai-0", "openai-0")]
    [InlineData("openai-1", false, "openai-0", "openai-1")]
    [InlineData("gone", true, null, null)]
    public async Task Files_WithAKeyThatHasADefault_GoThereUnlessAskedOtherwise(string? keys, bool mayChoose, string? asked, string? expected)
    {
        await using var first = ScriptedUpstream.Json("{}");
        await using var second = ScriptedUpstream.Json("{}");
        ApiKeyDefinition key = TestGateway.KeyOf(TestGateway.Key) with { DefaultProvider = keys, AllowRouting = mayChoose };
        await using TestGateway gateway = await TestGateway.StartAsync(
            Providers(first.Url, second.Url) with { Keys = [key] }, new GatewayOptions { DefaultProvider = "openai-0" });

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/files");
        request.Headers.Add("X-Provider-Priority", asked ?? "");
        using HttpResponseMessage response = await gateway.Client.SendAsync(request, Cancel);

        response.StatusCode.ShouldBe(expected is null ? HttpStatusCode.NotFound : HttpStatusCode.OK);
        (first.Seen.Count, second.Seen.Count).ShouldBe((expected == "openai-0" ? 1 : 0, expected == "openai-1" ? 1 : 0));
        (await gateway.NextRecordAsync()).Provider.ShouldBe(expected);
    }

    [Fact]
    public async Task AResource_StaysWhereItWasMade_WhateverTheKeysDefault()
    {
        await using var first = ScriptedUpstream.Json("{}");
        await using var second = ScriptedUpstream.Json("""{"id":"file-in-1"}""");
        await using TestGateway gateway = await TestGateway.StartAsync(
            Providers(first.Url, second.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key) with { DefaultProvider = "openai-0" }] });

        await SendAsync(gateway, HttpMethod.Post, "/v1/files", "openai-1", "{}");
        await SendAsync(gateway, HttpMethod.Get, "/v1/files/file-in-1");

        (first.Seen.Count, second.Seen.Count).ShouldBe((0, 2));
    }

    [Fact]
    public async Task UnknownUrl_NoProviderTakesIt_Is404()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(new Uri("http://127.0.0.1:9/v1"), new Uri("http://127.0.0.1:9/v1")));

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("unknown_url");
        (await gateway.NextRecordAsync()).Admitted.ShouldBeFalse();
    }

    [Fact]
    public async Task Files_WithoutAKey_Is401AndNothingIsSent()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));
        gateway.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "ml-other");

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        upstream.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("some-model", false)]
    [InlineData("pass-through/openai-0", true)]
    [InlineData("pass-through/*", true)]
    public async Task Files_WithAKeyRestrictedToModels_NeedItsPermission(string allowed, bool passes)
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key, models: [allowed])] });

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files", Cancel);

        response.StatusCode.ShouldBe(passes ? HttpStatusCode.OK : HttpStatusCode.NotFound);
        upstream.Seen.Count.ShouldBe(passes ? 1 : 0);
    }

    [Fact]
    public async Task Files_UpstreamRefusesTheCredential_Is502AndNoSecretIsShown()
    {
        await using var upstream = ScriptedUpstream.Json(Answers.Error("Incorrect API key provided: sk-0", "invalid_request_error", "invalid_api_key"), status: 401);
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        text.ShouldContain("upstream_authentication_error");
        text.ShouldNotContain("sk-0");
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_authentication");
    }

    [Theory]
    [InlineData(404, """{"error":{"message":"No such File object: file-x","type":"invalid_request_error","param":"id","code":null}}""", "application/json", 404, "No such File")]
    [InlineData(502, "<html>bad gateway</html>", "text/html", 502, "\"type\":\"server_error\"")]
    public async Task Files_UpstreamsErrors_KeepTheirMeaningInTheEnvelope(int status, string body, string type, int told, string holding)
    {
        await using var upstream = ScriptedUpstream.Start(c => c.RawAsync($"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files/file-x", Cancel);

        ((int)response.StatusCode).ShouldBe(told);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        text.ShouldContain(holding);
        JsonNode.Parse(text)!["error"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Files_UpstreamUnreachable_Is502InTheEnvelope()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(new Uri("http://127.0.0.1:9/v1")));

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("upstream_connection");
    }

    [Fact]
    public async Task Files_ProviderInANetworkThatIsNotAllowed_IsNotReached()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        var elsewhere = new UriBuilder(upstream.Url) { Host = "127.0.0.1" };
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(elsewhere.Uri), new GatewayOptions(), allowLoopback: false);

        using HttpResponseMessage response = await gateway.Client.GetAsync("/v1/files", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("Gateway:Upstreams:AllowedNetworks");
        upstream.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/providers/openai-1/anything/at/all?x=1&key=secret", "/v1/anything/at/all?x=1")]
    [InlineData("/providers/openai-1/a%2Fb", "/v1/a%2Fb")]
    public async Task NativePassThrough_GoesToThatProviderBelowItsBaseUrl(string path, string seen)
    {
        await using var other = ScriptedUpstream.Json("{}");
        await using var upstream = ScriptedUpstream.Json("""{"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}""");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(other.Url, upstream.Url));

        using HttpResponseMessage response = await gateway.Client.PostAsync(path, new StringContent("""{"a":1}""", Encoding.UTF8, "application/json"), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        SeenRequest request = upstream.Seen.ShouldHaveSingleItem();
        (request.Path, request.Body).ShouldBe((seen, """{"a":1}"""));
        (await gateway.NextRecordAsync()).Usage.ShouldBe(new Usage(UsageSource.Reported, 3, 0, 0, 4, 0));
        other.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/providers/nobody/models")]
    [InlineData("/providers/openai-0/..%2f..%2fadmin")]
    public async Task NativePassThrough_UnknownProviderOrPathOutOfIt_ReachesNothing(string path)
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));

        using HttpResponseMessage response = await gateway.Client.GetAsync(path, Cancel);

        ((int)response.StatusCode).ShouldBeGreaterThanOrEqualTo(400);
        upstream.Seen.ShouldNotContain(s => !s.Path.StartsWith("/v1/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_UpstreamThatDripsForEver_IsCutAtTheTotalTimeout()
    {
        await using var upstream = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000000\r\n\r\n");
            while (true)
            {
                await c.RawAsync("x");
                await Task.Delay(50, c.Stop);
            }
        });
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url), new GatewayOptions { TotalTimeout = TimeSpan.FromSeconds(1) });

        await Should.ThrowAsync<HttpRequestException>(() => gateway.Client.GetByteArrayAsync("/v1/files/file-x/content", Cancel));

        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_timeout");
    }

    [Fact]
    public async Task SmallJson_ThatBreaksOff_IsBookedAndReachesNobody()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(Providers(upstream.Url));
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, Cancel);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/batches HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {TestGateway.Key}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"a\":\"b\"}}\n"), Cancel);
        client.Client.Shutdown(SocketShutdown.Send);

        UsageRecord record = await gateway.NextRecordAsync();
        // Whether the server calls it a bad request or a client that has gone depends on which it notices first.
        record.ErrorKind.ShouldBeOneOf("invalid_request", "client_closed");
        record.Admitted.ShouldBeFalse();
        upstream.Seen.ShouldBeEmpty();
    }

    internal static CatalogDefinition Providers(params Uri[] upstreams) => new()
    {
        Providers = [.. upstreams.Select((u, i) => new ProviderDefinition
        {
            Id = $"p{i}",
            Name = $"openai-{i}",
            Kind = ProviderKind.OpenAI,
            BaseUrl = u.ToString(),
            Credentials = [new CredentialDefinition { Id = $"c{i}", Label = "main", Secret = $"sk-{i}" }],
        })],
    };

    private static async Task SendAsync(TestGateway gateway, HttpMethod method, string path, string? priority = null, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (priority is not null)
        {
            request.Headers.Add("X-Provider-Priority", priority);
        }
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await gateway.Client.SendAsync(request, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await gateway.NextRecordAsync();
    }
}
