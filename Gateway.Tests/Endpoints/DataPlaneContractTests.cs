using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Keys;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Endpoints;

public class DataPlaneContractTests
{
    [Fact]
    public async Task Call_Plain_OnlyTheModelsNameChanges()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat, headers: "x-ratelimit-remaining-requests: 7\r\nopenai-organization: acme\r\nopenai-processing-ms: 12\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.ChatAsync("\"unknown_field\":{\"kept\":[1,2]},\"omni_metadata\":{\"team\":\"x\"}");

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe(Answers.Chat.Replace("real-model", "m", StringComparison.Ordinal));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        Header(response, "x-upstream-ratelimit-remaining-requests").ShouldBe("7");
        Header(response, "openai-processing-ms").ShouldBe("12");
        response.Headers.Contains("openai-organization").ShouldBeFalse();
        Header(response, "x-gateway-provider").ShouldBe("provider-0");
        Header(response, "x-gateway-attempts").ShouldBe("1");

        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        seen.Path.ShouldBe("/v1/chat/completions");
        seen.Body.ShouldBe("""{"model":"real-model","messages":[{"role":"user","content":"hello"}],"unknown_field":{"kept":[1,2]}}""");
        seen.Headers["Authorization"].ShouldBe("Bearer sk-upstream-secret-0");

        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 11, 4, 0, 22, 7));
        record.Metadata.ShouldBe("""{"team":"x"}""");
        record.InputHash!.Length.ShouldBe(64);
        record.Cost.ShouldBeNull();
    }

    [Theory]
    [InlineData(true, HttpStatusCode.BadGateway)]
    [InlineData(false, HttpStatusCode.Unauthorized)]
    public async Task Call_ThatFails_IsRecordedWithTheSizeOfItsAnswer(bool withKey, HttpStatusCode status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:1/v1")));
        if (!withKey)
        {
            gateway.Client.DefaultRequestHeaders.Clear();
        }

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(status);
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        body.ShouldNotBeEmpty();
        (await gateway.NextRecordAsync()).ResponseBytes.ShouldBe(body.Length);
    }

    [Theory]
    [InlineData("Authorization", "Bearer " + TestGateway.Key)]
    [InlineData("Authorization", "bearer  " + TestGateway.Key)]
    [InlineData("x-api-key", TestGateway.Key)]
    [InlineData("api-key", TestGateway.Key)]
    [InlineData("x-goog-api-key", TestGateway.Key)]
    public async Task Call_KeyInAnyHeader_IsAcceptedAndNeverSentUpstream(string header, string value)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        gateway.Client.DefaultRequestHeaders.Clear();
        gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        seen.Headers.Values.ShouldNotContain(v => v.Contains(TestGateway.Key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Basic bWw6dGVzdA==")]
    [InlineData("Bearer ' OR 1=1 --")]
    public async Task Call_WithoutAValidKey_Is401InTheEnvelope(string? authorization)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        gateway.Client.DefaultRequestHeaders.Clear();
        if (authorization is not null)
        {
            gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await ErrorOf(response)).GetProperty("code").GetString().ShouldBe("invalid_api_key");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Call_ExpiredOrSwitchedOffKey_Is401AtOnce()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with
        {
            Keys = [TestGateway.KeyOf(TestGateway.Key) with { ExpiresAt = DateTimeOffset.UnixEpoch }],
        });
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        gateway.Catalog.Replace(catalog with { Keys = [TestGateway.KeyOf(TestGateway.Key)] }).ShouldBeEmpty();
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);

        gateway.Catalog.Replace(catalog with { Keys = [TestGateway.KeyOf(TestGateway.Key) with { Active = false }] }).ShouldBeEmpty();
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Call_KeyExpiresWithinARotationsOverlap_NeitherTextIsGoodAnyMore()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        ApiKeyDefinition rotated = TestGateway.KeyOf("ml-fresh") with { PreviousHash = KeyHash.OfKey(TestGateway.Key), PreviousUntil = now.AddHours(1) };
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url) with { Keys = [rotated] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);
        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.OK, "or the rest would prove nothing");

        gateway.Catalog.Replace(catalog with { Keys = [rotated with { ExpiresAt = now.AddHours(-1) }] }).ShouldBeEmpty();

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Call_UnknownAndForbiddenModel_LookTheSame()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with
        {
            Keys = [TestGateway.KeyOf(TestGateway.Key, models: ["gpt-*"])],
        });

        HttpResponseMessage forbidden = await gateway.ChatAsync();
        HttpResponseMessage unknown = await gateway.PostAsync(TestGateway.Body().Replace("\"m\"", "\"n\"", StringComparison.Ordinal));

        forbidden.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ErrorOf(forbidden)).GetRawText().ShouldBe((await ErrorOf(unknown)).GetRawText().Replace("'n'", "'m'", StringComparison.Ordinal));
        (await ListAsync(gateway)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonp")]
    public async Task Call_WrongContentType_Is415(string type)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1")));
        var content = new StringContent(TestGateway.Body());
        content.Headers.ContentType = new MediaTypeHeaderValue(type);

        HttpResponseMessage response = await gateway.Client.PostAsync("/v1/chat/completions", content, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await ErrorOf(response)).GetProperty("type").GetString().ShouldBe("invalid_request_error");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_BodyTooLarge_Is413(bool chunked)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1")), new GatewayOptions { MaxRequestBodyBytes = 1000 });
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(TestGateway.Body($"\"x\":\"{new string('a', 2000)}\""), Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;

        HttpResponseMessage response = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("abc-123", true)]
    [InlineData("a b", false)]
    [InlineData("evil\"}", false)]
    [InlineData("%0d%0aX", false)]
    public async Task Call_RequestId_IsTakenOnlyIfWellFormed(string sent, bool taken)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        gateway.Client.DefaultRequestHeaders.TryAddWithoutValidation("X-Request-ID", sent);

        HttpResponseMessage response = await gateway.ChatAsync();

        string id = Header(response, "x-request-id");
        (id == sent).ShouldBe(taken);
        upstream.Seen.ShouldHaveSingleItem().Headers["X-Request-ID"].ShouldBe(id);
        (await gateway.NextRecordAsync()).RequestId.ShouldBe(id);
    }

    [Fact]
    public async Task Call_OverlongRequestId_IsReplaced()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        gateway.Client.DefaultRequestHeaders.Add("X-Request-ID", new string('a', 8000));

        Header(await gateway.ChatAsync(), "x-request-id").Length.ShouldBe(32);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true)]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", false)]
    [InlineData("garbage", false)]
    [InlineData(null, false)]
    public async Task Call_TraceParent_IsContinuedIfWellFormed(string? sent, bool taken)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        if (sent is not null)
        {
            gateway.Client.DefaultRequestHeaders.Add("traceparent", sent);
        }
        gateway.Client.DefaultRequestHeaders.Add("tracestate", "vendor=1");

        await gateway.ChatAsync();

        IReadOnlyDictionary<string, string> seen = upstream.Seen.ShouldHaveSingleItem().Headers;
        string[] parts = seen["traceparent"].Split('-');
        parts.Select(p => p.Length).ShouldBe([2, 32, 16, 2]);
        UsageRecord record = await gateway.NextRecordAsync();
        record.TraceId.ShouldBe(parts[1]);
        record.Attempts.ShouldHaveSingleItem().SpanId.ToString("x16", System.Globalization.CultureInfo.InvariantCulture).ShouldBe(parts[2]);
        seen.ContainsKey("tracestate").ShouldBe(taken);
        (sent is not null && sent.Contains(parts[1])).ShouldBe(taken);
        sent?.ShouldNotContain(parts[2]);
        parts[3].ShouldBe(taken ? sent![^2..] : "00");
    }

    [Fact]
    public async Task Call_200InParallelOnAnRpmOf50_Exactly50Pass()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with
        {
            Keys = [TestGateway.KeyOf(TestGateway.Key, rpm: 50)],
        });

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => gateway.ChatAsync()));

        responses.Count(r => r.StatusCode == HttpStatusCode.OK).ShouldBe(50);
        upstream.Seen.Count.ShouldBe(50);
        HttpResponseMessage refused = responses.First(r => r.StatusCode == HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(30, 61);
        Header(refused, "x-ratelimit-limit-requests").ShouldBe("50");
        Header(refused, "x-ratelimit-remaining-requests").ShouldBe("0");
        Header(refused, "x-ratelimit-reset-requests").ShouldEndWith("s");
        (await ErrorOf(refused)).GetProperty("message").GetString()!.ShouldContain("limit 50");
    }

    [Fact]
    public async Task Call_RefusedForAnotherReason_TakesNoPlaceAndStillSaysWhatIsLeft()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1")) with
        {
            Keys = [TestGateway.KeyOf(TestGateway.Key, rpm: 5)],
        });

        Header(await gateway.PostAsync("{}"), "x-ratelimit-remaining-requests").ShouldBe("5");
        Header(await gateway.Client.GetAsync("/v1/models", TestContext.Current.CancellationToken), "x-ratelimit-remaining-requests").ShouldBe("5");
    }

    [Fact]
    public async Task Call_TokensLimit_NamesTheLimitAndConsumesNothing()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with
        {
            Keys = [TestGateway.KeyOf(TestGateway.Key, tpm: 33)],
        });
        // Uses 33 tokens: more was asked for than is left, and allowed since nothing else ran.
        (await gateway.ChatAsync("\"max_tokens\":500")).StatusCode.ShouldBe(HttpStatusCode.OK);

        HttpResponseMessage refused = await gateway.ChatAsync("\"max_tokens\":1");

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await ErrorOf(refused)).GetProperty("message").GetString()!.ShouldContain("tokens per minute: limit 33, 0 left");
        upstream.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", 405)]
    [InlineData("POST", "/v1/nothing", 404)]
    [InlineData("GET", "/v1/", 404)]
    [InlineData("GET", "/v1/models/none", 404)]
    public async Task Call_WrongPathOrMethod_IsToldInTheEnvelope(string method, string path, int status)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1")));

        HttpResponseMessage response = await gateway.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        ((int)response.StatusCode).ShouldBe(status);
        (await ErrorOf(response)).GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Models_AreFilteredByTheKey()
    {
        CatalogDefinition catalog = TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1"));
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with
        {
            Models = [catalog.Models[0], new ModelDefinition { Id = "x", Name = "team/model-x", Aliases = ["x"] }, new ModelDefinition { Id = "off", Name = "off", Active = false }],
            Keys = [TestGateway.KeyOf(TestGateway.Key, models: ["team/*"])],
        });

        (await ListAsync(gateway)).ShouldBe(["team/model-x", "x"]);
        JsonElement one = JsonDocument.Parse(await gateway.Client.GetStringAsync("/v1/models/team/model-x", TestContext.Current.CancellationToken)).RootElement;
        one.GetProperty("owned_by").GetString().ShouldBe("inference-gateway");
        one.GetProperty("object").GetString().ShouldBe("model");
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/healthz")]
    [InlineData("/livez")]
    [InlineData("/v1/health")]
    public async Task Health_NeedsNoKey(string path)
    {
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(new Uri("http://127.0.0.1:9/v1")));
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = gateway.Address };

        (await stranger.GetStringAsync(path, TestContext.Current.CancellationToken)).ShouldBe("""{"status":"ok"}""");
    }

    [Theory]
    [InlineData("/readyz")]
    [InlineData("/v1/ready")]
    [InlineData("/upstream-health")]
    public async Task Readiness_NamesProvidersOnlyToWhoHasAKey(string path)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        using var stranger = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = gateway.Address };

        (await stranger.GetStringAsync(path, TestContext.Current.CancellationToken)).ShouldNotContain("provider-0");
        (await gateway.Client.GetStringAsync(path, TestContext.Current.CancellationToken)).ShouldContain("provider-0");
    }

    [Fact]
    public async Task UpstreamHealth_AfterAFailure_SaysSo()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Json(Answers.Error("boom"), 500);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(bad.Url));
        await gateway.ChatAsync();

        HttpResponseMessage response = await gateway.Client.GetAsync("/upstream-health", TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"provider-0\":\"failing\"");
    }

    [Fact]
    public async Task Call_InProcess_TakesTheSameWay()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Role, Answers.Delta("hi"), Answers.Finish, Answers.Usage, Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        ApiKey key = gateway.Catalog.Current.Keys.Values.Single();

        InProcessCall call = InProcessCall.Start(gateway.Pipeline, key, Operation.ChatCompletions, Encoding.UTF8.GetBytes(TestGateway.Body("\"stream\":true")), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(call.Body.AsStream());
        string text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        (await call.Status).ShouldBe(200);
        Answers.TextOf(text).ShouldBe("hi");
        (await call.Completed).Usage.OutputTokens.ShouldBe(6);
        (await call.Completed).KeyId.ShouldBe(key.Id);
    }

    private static async Task<IEnumerable<string?>> ListAsync(TestGateway gateway)
    {
        string json = await gateway.Client.GetStringAsync("/v1/models", TestContext.Current.CancellationToken);
        return JsonDocument.Parse(json).RootElement.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString());
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));

    private static async Task<JsonElement> ErrorOf(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("error");
}
