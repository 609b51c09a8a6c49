using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Failover;

public class StreamTests
{
    private const string Streamed = "\"stream\":true";
    private static readonly string[] Whole = [Answers.Role, Answers.Delta("Grüße, "), Answers.Delta("世界 🌍"), Answers.Finish, Answers.Usage, Answers.Done];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task Stream_CutAnywhere_ArrivesWhole(int pieceBytes)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Whole.Select(d => $"data: {d}\n\n")));
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            for (int i = 0; i < bytes.Length; i += pieceBytes)
            {
                await c.ChunkAsync(bytes.AsMemory(i, Math.Min(pieceBytes, bytes.Length - i)));
            }
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string text = await StringAsync(await gateway.ChatAsync(Streamed));

        // All but the usage chunk that the gateway asked for itself; the alias in every chunk.
        IEnumerable<string> expected = Whole.Where(d => d != Answers.Usage).Select(d => d.Replace("real-model", "m", StringComparison.Ordinal));
        Answers.DataOf(text).ShouldBe(expected);
        Answers.TextOf(text).ShouldBe("Grüße, 世界 🌍");
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 5, 0, 0, 6, 0));
        record.FinishReason.ShouldBe("stop");
        record.TimeToFirstTokenUs.ShouldNotBeNull();
    }

    // Some servers call a stream JSON, so that its first bytes are read to find out: they are sent on all the same.
    [Fact]
    public async Task Stream_CalledJson_FirstContentDoesNotWaitForTheNext()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            await c.ChunkAsync($"data: {Answers.Role}\n\ndata: {Answers.Delta("first")}\n\n");
            await seen.Task.WaitAsync(c.Stop);
            await c.ChunkAsync($"data: {Answers.Finish}\n\ndata: [DONE]\n\n");
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage answer = await gateway.PostAsync(TestGateway.Body(Streamed), completion: HttpCompletionOption.ResponseHeadersRead)
            .WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);

        seen.SetResult();
        Answers.TextOf(await StringAsync(answer)).ShouldBe("first");
    }

    [Fact]
    public async Task Stream_OfAServerThatCountsContinuously_IsAskedToAndItsCountsStayHere()
    {
        string counted = Answers.Delta("half an ans").Replace("}]}", "}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,\"total_tokens\":8}}", StringComparison.Ordinal);
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Role, counted);
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        catalog = catalog with { Providers = [catalog.Providers[0] with { Settings = new Dictionary<string, string> { ["profile"] = "vllm" } }] };
        await using TestGateway gateway = await TestGateway.StartAsync(catalog);

        string text = await StringAsync(await gateway.ChatAsync(Streamed));

        upstream.Seen.Single().Body.ShouldContain("\"continuous_usage_stats\":true");
        text.ShouldContain("half an ans");
        text.ShouldNotContain("usage");
        // It broke off, and what it cost until then is known all the same.
        UsageRecord record = await gateway.NextRecordAsync();
        record.ErrorKind.ShouldBe("upstream_stream_broken");
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 5, 0, 0, 3, 0));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Stream_OtherLineEnds_ArrivesWhole(string lineEnd)
    {
        string stream = string.Concat(Whole.Select(d => $": comment{lineEnd}event: message{lineEnd}data: {d}{lineEnd}{lineEnd}"));
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync(stream);
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string text = await StringAsync(await gateway.ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        text.ShouldBe(stream.Replace("real-model", "m", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stream_ClientAskedForUsage_GetsTheChunk()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Whole);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string text = await StringAsync(await gateway.ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        Answers.DataOf(text).Count.ShouldBe(Whole.Length);
    }

    [Fact]
    public async Task Stream_NullUsageThatOnlyTheGatewayAskedFor_IsLeftOut()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(
            """{"model":"real-model","choices":[{"index":0,"delta":{"content":"a"}}],"usage":null}""",
            """{"usage_x":1,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null,"model":"real-model"}""",
            Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string text = await StringAsync(await gateway.ChatAsync(Streamed));

        Answers.DataOf(text).ShouldBe([
            """{"model":"m","choices":[{"index":0,"delta":{"content":"a"}}]}""",
            """{"usage_x":1,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"model":"m"}""",
            "[DONE]"]);
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n")]
    [InlineData("event: error\ndata: {\"message\":\"overloaded\"}\n\n")]
    [InlineData("data: not json\n\n")]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("")]
    public async Task Stream_FailsBeforeContent_OtherBackendAnswers(string start)
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            if (start.Length > 0)
            {
                await c.ChunkAsync(start);
            }
            await c.EndAsync();
        });
        await using ScriptedUpstream good = ScriptedUpstream.Stream(Whole);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(bad.Url, good.Url));

        HttpResponseMessage response = await gateway.ChatAsync(Streamed);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Answers.TextOf(await StringAsync(response)).ShouldBe("Grüße, 世界 🌍");
        (await gateway.NextRecordAsync()).Attempts.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Stream_RoleChunkThenReset_OtherBackendAnswersAndNothingComesTwice()
    {
        await using ScriptedUpstream bad = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Role}\n\n");
            c.Reset();
        });
        await using ScriptedUpstream good = ScriptedUpstream.Stream(Whole);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(bad.Url, good.Url));

        string text = await StringAsync(await gateway.ChatAsync(Streamed));

        Answers.DataOf(text).Count(d => d.Contains("\"role\"", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData("end")]
    [InlineData("reset")]
    [InlineData("error")]
    [InlineData("garbage")]
    public async Task Stream_BreaksAfterContent_EndsWithErrorEventAndNoMadeUpFinish(string how)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Delta("partial answer")}\n\n");
            // The content is passed on before the connection goes down.
            await begun.Task.WaitAsync(c.Stop);
            switch (how)
            {
                case "end": await c.EndAsync(); break;
                case "reset": c.Reset(); break;
                case "error": await c.ChunkAsync($"data: {Answers.Error("it broke")}\n\n"); await c.EndAsync(); break;
                default: await c.ChunkAsync("data: {\"choices\": [\n\n"); await c.EndAsync(); break;
            }
        });
        await using ScriptedUpstream other = ScriptedUpstream.Stream(Whole);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url, other.Url));

        using HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body(Streamed), completion: HttpCompletionOption.ResponseHeadersRead);
        begun.SetResult();
        string text = await StringAsync(response);

        IReadOnlyList<string> data = Answers.DataOf(text);
        JsonDocument.Parse(data[^1]).RootElement.GetProperty("error").GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        text.ShouldNotContain("[DONE]");
        text.ShouldNotContain("\"finish_reason\":\"");
        other.Seen.ShouldBeEmpty();
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.Source.ShouldBe(UsageSource.Estimated);
        record.Usage.OutputTokens.ShouldBeGreaterThan(0);
        record.ErrorKind.ShouldNotBeNull();
    }

    [Fact]
    public async Task Stream_SilentInTheMiddle_IsCutAtIdleLimit()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Delta("then nothing")}\n\n");
            await Task.Delay(Timeout.Infinite, c.Stop);
        });
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(upstream.Url), new GatewayOptions { IdleTimeout = TimeSpan.FromMilliseconds(300) });

        string text = await StringAsync(await gateway.ChatAsync(Streamed));

        text.ShouldContain("upstream_timeout");
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_timeout");
    }

    [Fact]
    public async Task Stream_ClientLeaves_UpstreamIsClosedAndPartIsBooked()
    {
        var closed = new TaskCompletionSource();
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync($"data: {Answers.Delta("some words of an answer")}\n\n");
            await c.WaitForCloseAsync();
            closed.SetResult();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body(Streamed), completion: HttpCompletionOption.ResponseHeadersRead);
        await using (Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken))
        {
            (await body.ReadAsync(new byte[10], TestContext.Current.CancellationToken)).ShouldBeGreaterThan(0);
        }
        response.Dispose();

        await closed.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        UsageRecord record = await gateway.NextRecordAsync();
        record.ClientAborted.ShouldBeTrue();
        record.Usage.Source.ShouldBe(UsageSource.Estimated);
        record.Usage.OutputTokens.ShouldBeGreaterThan(0);
        record.Attempts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_ClientLeavesBeforeAnswer_UpstreamIsClosedAndNotRetried()
    {
        var closed = new TaskCompletionSource();
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.WaitForCloseAsync();
            closed.TrySetResult();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new GatewayOptions());
        using var leave = new CancellationTokenSource();

        Task call = gateway.Client.PostAsync("/v1/chat/completions", new StringContent(TestGateway.Body(), Encoding.UTF8, "application/json"), leave.Token);
        await Eventually.TrueAsync(() => upstream.Seen.Count == 1);
        await leave.CancelAsync();

        await closed.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
        UsageRecord record = await gateway.NextRecordAsync();
        record.Status.ShouldBe(499);
        upstream.Seen.Count.ShouldBe(1);
        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Stream_PacedChunks_ArriveOneByOne()
    {
        var next = new SemaphoreSlim(0);
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            foreach (string data in Whole)
            {
                await c.ChunkAsync($"data: {data}\n\n");
                if (data.Contains("content\":\"G", StringComparison.Ordinal) || data.Contains('世'))
                {
                    await next.WaitAsync(c.Stop);
                }
            }
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        HttpResponseMessage response = await gateway.PostAsync(TestGateway.Body(Streamed), completion: HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        // The upstream goes on only after the client has seen what came so far: buffering would end in a hang.
        await ReadUntilAsync(reader, "Gr");
        next.Release();
        await ReadUntilAsync(reader, "世");
        next.Release();
        await ReadUntilAsync(reader, "[DONE]");
    }

    [Fact]
    public async Task Stream_EndsWithoutDoneButFinished_IsWhole()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Delta("x"), Answers.Finish);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        string text = await StringAsync(await gateway.ChatAsync(Streamed));

        Answers.DataOf(text).Count.ShouldBe(2);
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBeNull();
    }

    [Fact]
    public async Task Call_CompressedAnswerThatNobodyAskedFor_Is502()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat, headers: "Content-Encoding: gzip\r\n");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        (await gateway.ChatAsync()).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    [Fact]
    public async Task Stream_OneMegabyteEvent_ArrivesIntact()
    {
        string large = new('x', 1 << 20);
        await using ScriptedUpstream upstream = ScriptedUpstream.Stream(Answers.Delta(large), Answers.Finish, Answers.Done);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        Answers.TextOf(await StringAsync(await gateway.ChatAsync(Streamed))).ShouldBe(large);
    }

    [Fact]
    public async Task Stream_EndlessLine_IsRefused()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Start(async c =>
        {
            await c.StreamHeadAsync();
            await c.ChunkAsync("data: ");
            byte[] filler = new byte[65_536];
            filler.AsSpan().Fill((byte)'x');
            for (int i = 0; i < 200; i++)
            {
                await c.ChunkAsync(filler);
            }
        });
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(upstream.Url), new GatewayOptions { MaxRetries = 0, MaxEventBytes = 1 << 20 });

        (await gateway.ChatAsync(Streamed)).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    private static async Task ReadUntilAsync(StreamReader reader, string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Eventually.Limit);
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }
        Assert.Fail($"The stream ended before \"{text}\".");
    }

    private static Task<string> StringAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
