using System.Net;
using System.Text;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Health;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

/// <summary>Answers that are not quite what HTTP and the wires prescribe.</summary>
public class OddAnswerTests
{
    private const string Streamed = "\"stream\":true";
    private static readonly string[] Whole = [Answers.Role, Answers.Delta("hello"), Answers.Finish, Answers.Done];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_NothingButWhiteSpace_IsNotReadForEver()
    {
        string blank = new('\n', 65_536);
        await using ScriptedUpstream endless = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true)
            {
                await c.ChunkAsync(blank);
            }
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(endless.Url), new GatewayOptions { MaxRetries = 0, MaxResponseBodyBytes = 1_048_576 });

        (await gateway.ChatAsync(Streamed)).StatusCode.ShouldBe(HttpStatusCode.BadGateway);

        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_invalid_response");
    }

    [Fact]
    public async Task Images_UnnamedContentThatIsBlank_IsPassedOnAsItComes()
    {
        string blank = new('\n', 65_536);
        await using ScriptedUpstream endless = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true)
            {
                await c.ChunkAsync(blank);
            }
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(endless.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","prompt":"a cat"}""", "/v1/images/generations", HttpCompletionOption.ResponseHeadersRead)
            .WaitAsync(Eventually.Limit, Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/v1/chat/completions", false)]
    [InlineData("/v1/chat/completions", true)]
    [InlineData("/v1/messages", false)]
    [InlineData("/v1/messages", true)]
    [InlineData("/v1/embeddings", false)]
    [InlineData("/v1/rerank", false)]
    public async Task Answer_BehindAByteOrderMark_IsPassedOnWithoutIt(string path, bool stream)
    {
        string answer = path.EndsWith("embeddings", StringComparison.Ordinal) ? """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}],"model":"m","usage":{"prompt_tokens":9,"total_tokens":9}}"""
            : path.EndsWith("rerank", StringComparison.Ordinal) ? """{"results":[{"index":0,"relevance_score":0.5}],"usage":{"total_tokens":9}}""" : Answers.Chat;
        byte[] body = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(stream ? string.Concat(Whole.Select(d => $"data: {d}\n\n")) : answer)];
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync($"HTTP/1.1 200 OK\r\nContent-Type: {(stream ? "text/event-stream" : "application/json")}\r\nTransfer-Encoding: chunked\r\n\r\n");
            // The mark is cut, too.
            await c.ChunkAsync(body.AsMemory(0, 2));
            await Task.Delay(20, c.Stop);
            await c.ChunkAsync(body.AsMemory(2));
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(
            $$"""{"model":"m","messages":[{"role":"user","content":"hello"}],"max_tokens":9,"input":"hello","query":"hello","documents":["hello"]{{(stream ? "," + Streamed : "")}}}""", path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        byte[] got = await response.Content.ReadAsByteArrayAsync(Cancel);
        ((char)got[0]).ShouldBe(!stream ? '{' : path.EndsWith("messages", StringComparison.Ordinal) ? 'e' : 'd');
        if (stream)
        {
            // The first event is not lost: it holds the role.
            Encoding.UTF8.GetString(got).ShouldContain("assistant");
        }
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBeNull();
    }

    [Fact]
    public async Task Speech_BytesOfAMark_AreSound()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: audio/pcm\r\nContent-Length: 6\r\n\r\n\uFEFFabc"));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"hello","voice":"v"}""", "/v1/audio/speech");

        (await response.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe([.. Encoding.UTF8.Preamble, .. "abc"u8]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_HeaderThatCannotBeSentOn_IsLeftOut(bool stream)
    {
        string body = stream ? string.Concat(Whole.Select(d => $"data: {d}\n\n")) : Answers.Chat;
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.RawAsync(
            $"HTTP/1.1 200 OK\r\nContent-Type: {(stream ? "text/event-stream" : "application/json")}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
            + $"x-ratelimit-limit-requests: 1é\r\nx-ratelimit-remaining-requests: 7\r\nopenai-processing-ms: 5\u0001\r\n\r\n{body}"));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.ChatAsync(stream ? Streamed : "");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldNotContain("error");
        response.Headers.GetValues("x-upstream-ratelimit-remaining-requests").ShouldBe(["7"]);
        response.Headers.Contains("x-upstream-ratelimit-limit-requests").ShouldBeFalse();
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBeNull();
    }

    [Fact]
    public async Task Speech_ContentTypeThatCannotBeSentOn_IsSoundAllTheSame()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(c => c.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: audio/é\r\nContent-Length: 4\r\n\r\nRIFF"));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"hi","voice":"alloy"}""", "/v1/audio/speech");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe("RIFF");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
    }

    [Fact]
    public async Task Error_HintsOfTheUpstream_ReachTheClient()
    {
        await using ScriptedUpstream limited = ScriptedUpstream.Json(
            Answers.Error("slow down", "rate_limit_error"), 429, "x-should-retry: true\r\nx-ratelimit-remaining-tokens: 0\r\nretry-after-ms: 90500\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(limited.Url));

        HttpResponseMessage response = await gateway.ChatAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.GetValues("x-should-retry").ShouldBe(["true"]);
        response.Headers.GetValues("x-upstream-ratelimit-remaining-tokens").ShouldBe(["0"]);
        response.Headers.GetValues("retry-after-ms").ShouldBe(["90500"]);
    }

    [Fact]
    public async Task Error_Compressed_IsJudgedByItsStatus()
    {
        await using ScriptedUpstream refusing = ScriptedUpstream.Json("\u001f\u008b", 400, "Content-Encoding: gzip\r\n");
        await using ScriptedUpstream other = ScriptedUpstream.Json(Answers.Chat);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(refusing.Url, other.Url));

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        other.Seen.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("identity", HttpStatusCode.OK)]
    [InlineData("gzip", HttpStatusCode.BadGateway)]
    public async Task Answer_SaysHowItIsEncoded_OnlyWhatIsCompressedIsRefused(string encoding, HttpStatusCode told)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat, 200, $"Content-Encoding: {encoding}\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (await gateway.ChatAsync()).StatusCode.ShouldBe(told);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "chat.completion.chunk")]
    [InlineData("/v1/completions", null)]
    public async Task Stream_UpstreamAnswersWithADocument_ClientGetsEventsWhereTheWireHasACodec(string path, string? events)
    {
        string answer = events is not null ? Answers.Chat : """{"id":"c","object":"text_completion","choices":[{"index":0,"text":"hi there","finish_reason":"stop"}]}""";
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","stream":true,"prompt":"hello","messages":[{"role":"user","content":"hello"}]}""", path);

        string text = await response.Content.ReadAsStringAsync(Cancel);
        text.ShouldContain("hi there");
        if (events is not null)
        {
            response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
            text.ShouldContain(events);
            text.ShouldEndWith("data: [DONE]\n\n");
            (await gateway.NextRecordAsync()).Usage.OutputTokens.ShouldBe(22);
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Stream_OfTwoChoicesWithoutASignOfTheEnd_IsWholeWhenBothAreFinished(bool both, bool whole)
    {
        string second = Answers.Delta("b").Replace("\"index\":0", "\"index\":1", StringComparison.Ordinal);
        string last = Answers.Finish.Replace("\"index\":0", "\"index\":1", StringComparison.Ordinal);
        string[] lines = [Answers.Delta("a"), second, Answers.Finish];
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(both ? [.. lines, last] : lines);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        await gateway.ChatAsync("\"stream\":true,\"n\":2");

        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe(whole ? null : "upstream_stream_broken");
    }

    [Fact]
    public async Task Stream_EventOfALargePicture_PassesUnlessTheMemoryForThatIsUsedUp()
    {
        string picture = new('A', 6_000_000);
        string[] lines = [$$"""{"type":"image_generation.completed","b64_json":"{{picture}}"}"""];
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(lines);
        await using TestGateway roomy = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        await using TestGateway small = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new GatewayOptions { MaxRetries = 0, MaxBufferedBytes = 1_048_576 });

        HttpResponseMessage response = await roomy.PostAsync("""{"model":"m","prompt":"a cat","stream":true}""", "/v1/images/generations");
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain(picture);
        (await small.PostAsync("""{"model":"m","prompt":"a cat","stream":true}""", "/v1/images/generations")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Events_CommentsWithoutEnd_AreNotHeldWithoutEnd()
    {
        await using ScriptedUpstream endless = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            while (true)
            {
                await c.ChunkAsync(": x\n\n");
            }
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(endless.Url), new GatewayOptions { MaxRetries = 0, MaxEventBytes = 4096 });

        HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","prompt":"a cat","stream":true}""", "/v1/images/generations");

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    [Fact]
    public async Task Events_CommentsAfterTheLastEvent_AreNotWaitedFor()
    {
        await using ScriptedUpstream endless = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync("data: {\"type\":\"image_generation.completed\",\"b64_json\":\"AAAA\"}\n\n");
            while (true)
            {
                await c.ChunkAsync(": x\n\n");
            }
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(endless.Url));

        HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","prompt":"a cat","stream":true}""", "/v1/images/generations");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldStartWith("data: {\"type\":\"image_generation.completed\"");
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBeNull();
    }

    // A circuit lets one call through to find out: its first words say so, not the last ones of a long answer.
    [Fact]
    public async Task Stream_ThatTriesABackend_ClosesTheCircuitWithItsFirstContent()
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\ndata: {Answers.Delta("long")}\n\n");
            await end.Task.WaitAsync(c.Stop);
            await c.ChunkAsync($"data: {Answers.Finish}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        CircuitBreaker breaker = gateway.Catalog.Current.FindModel("m")!.Backends[0].State.Breaker;
        breaker.SetAside((long)TimeProvider.System.GetElapsedTime(0).TotalMilliseconds, TimeSpan.Zero);

        using HttpResponseMessage answer = await gateway.PostAsync(TestGateway.Body(Streamed), completion: HttpCompletionOption.ResponseHeadersRead);

        breaker.StateAt(0).ShouldBe(BreakerState.Closed);
        end.SetResult();
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldEndWith("data: [DONE]\n\n");
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("""{"error":{"message":"too late"}}""")]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"late"}}]}""")]
    public async Task Stream_DataAfterItsEnd_IsNoPartOfTheAnswerAndNoFailure(string late)
    {
        string text = string.Concat(Whole.Append(late).Select(d => $"data: {d}\n\n"));
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync(text);
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string answer = await (await gateway.ChatAsync(Streamed)).Content.ReadAsStringAsync(Cancel);

        Answers.DataOf(answer)[^1].ShouldBe(Answers.Done);
        UsageRecord record = await gateway.NextRecordAsync();
        record.ErrorKind.ShouldBeNull();
        record.Status.ShouldBe(200);
    }

    // As reported it would be free, and negative parts would be in the sums for good.
    [Theory]
    [InlineData("/v1/chat/completions", "", """{"prompt_tokens":-100,"completion_tokens":-9,"total_tokens":-109}""", UsageSource.Estimated)]
    [InlineData("/v1/chat/completions", "\"stream\":true", """{"prompt_tokens":-100,"completion_tokens":-9,"total_tokens":-109}""", UsageSource.Estimated)]
    [InlineData("/v1/messages", "\"max_tokens\":9", """{"prompt_tokens":-100,"completion_tokens":-9,"total_tokens":-109}""", UsageSource.Estimated)]
    [InlineData("/v1/messages", "\"max_tokens\":9", """{"prompt_tokens":7,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":-100},"completion_tokens_details":{"reasoning_tokens":-9}}""", UsageSource.Reported)]
    public async Task Usage_BelowZero_IsNoCount(string path, string more, string usage, UsageSource source)
    {
        string body = $$"""{"id":"c1","object":"chat.completion","created":1,"model":"real-model","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{{usage}}}""";
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(body);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (await gateway.PostAsync(TestGateway.Body(more), path)).StatusCode.ShouldBe(HttpStatusCode.OK);

        Usage booked = (await gateway.NextRecordAsync()).Usage;
        booked.Source.ShouldBe(source);
        booked.InputTokens.ShouldBeGreaterThan(0);
        booked.OutputTokens.ShouldBeGreaterThan(0);
        new[] { booked.CachedInputTokens, booked.CacheWriteTokens, booked.ReasoningTokens }.ShouldAllBe(t => t == 0);
    }

    // Believed, the text would be free, and never come to an end of any budget.
    [Theory]
    [InlineData("/v1/chat/completions", "", """{"prompt_tokens":7}""")]
    [InlineData("/v1/chat/completions", "\"stream\":true", """{"prompt_tokens":7}""")]
    [InlineData("/v1/chat/completions", "", """{"prompt_tokens":7,"completion_tokens":0,"total_tokens":7}""")]
    [InlineData("/v1/messages", "\"max_tokens\":9", """{"prompt_tokens":7}""")]
    [InlineData("/v1/messages", "\"max_tokens\":9,\"stream\":true", """{"prompt_tokens":7}""")]
    public async Task Usage_WithoutTheOutput_IsMeasured(string path, string more, string usage)
    {
        string told = $$"""{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[],"usage":{{usage}}}""";
        string body = $$"""{"id":"c1","object":"chat.completion","created":1,"model":"real-model","choices":[{"index":0,"message":{"role":"assistant","content":"hello there"},"finish_reason":"stop"}],"usage":{{usage}}}""";
        await using ScriptedUpstream upstream = more.Contains("stream", StringComparison.Ordinal)
            ? ScriptedUpstream.Stream(Answers.Role, Answers.Delta("hello there"), Answers.Finish, told, Answers.Done)
            : ScriptedUpstream.Json(body);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string answer = await (await gateway.PostAsync(TestGateway.Body(more), path)).Content.ReadAsStringAsync(Cancel);

        answer.ShouldContain("hello there");
        UsageRecord record = await gateway.NextRecordAsync();
        record.Status.ShouldBe(200);
        record.Usage.ShouldBe(new Usage(UsageSource.Estimated, 7, 0, 0, record.Usage.OutputTokens, 0));
        record.Usage.OutputTokens.ShouldBeInRange(1, 20);
    }

    // Believed, one such answer would spend a month's budget at once.
    [Theory]
    [InlineData("/v1/chat/completions", "", "9223372036854775807", "5")]
    [InlineData("/v1/chat/completions", "", "7", "1e30")]
    [InlineData("/v1/chat/completions", "\"stream\":true", "7", "2000000000")]
    [InlineData("/v1/messages", "\"max_tokens\":9", "2000000000", "5")]
    public async Task Usage_BeyondWhatAnyModelTakes_IsNoCount(string path, string more, string input, string output)
    {
        string body = $$"""{"id":"c1","object":"chat.completion","created":1,"model":"real-model","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":{{input}},"completion_tokens":{{output}} } }""";
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(body);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (await gateway.PostAsync(TestGateway.Body(more), path)).StatusCode.ShouldBe(HttpStatusCode.OK);

        Usage booked = (await gateway.NextRecordAsync()).Usage;
        booked.InputTokens.ShouldBeInRange(1, 1000);
        booked.OutputTokens.ShouldBeInRange(1, 1000);
    }

    [Fact]
    public async Task StreamsUsage_BeyondWhatAnyModelTakes_IsEstimated()
    {
        string usage = """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":9223372036854775807}}""";
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\ndata: {Answers.Delta("hello there")}\n\ndata: {Answers.Finish}\n\ndata: {usage}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        await (await gateway.ChatAsync(Streamed)).Content.ReadAsStringAsync(Cancel);

        Usage booked = (await gateway.NextRecordAsync()).Usage;
        booked.Source.ShouldBe(UsageSource.Estimated);
        booked.OutputTokens.ShouldBeInRange(1, 1000);
    }
}
