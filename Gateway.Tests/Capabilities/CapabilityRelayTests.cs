using System.Net;
using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Capabilities;

/// <summary>Rankings, verdicts, pictures and sound: what arrives, and what is booked.</summary>
public sealed class CapabilityRelayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, long, long> Documents => new()
    {
        { "/v1/rerank", """{"model":"m","query":"q","documents":["a","b"]}""", """{"object":"list","data":[{"relevance_score":0.5,"index":1}],"model":"real-model","usage":{"total_tokens":43}}""", 43, 0 },
        { "/v1/rerank", """{"model":"m","query":"q","documents":["a","b"]}""", """{"id":"x","model":"real-model","results":[{"index":0,"relevance_score":0.6}],"usage":{"prompt_tokens":2966,"completion_tokens":0,"total_tokens":2966}}""", 2966, 0 },
        { "/v1/moderations", """{"model":"m","input":["x"]}""", """{"id":"modr-1","model":"real-model","results":[{"flagged":false}]}""", -1, 0 },
        { "/v1/images/generations", """{"model":"m","prompt":"a cat","n":2}""", """{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"input_tokens":22,"input_tokens_details":{"image_tokens":0,"text_tokens":22},"output_tokens":2112,"total_tokens":2134}}""", 22, 2112 },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Document_Plain_ArrivesUnchangedButForTheModelAndIsBooked(string path, string request, string answer, long input, long output)
    {
        await using var upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(request, path);

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(answer.Replace("\"real-model\"", "\"m\"", StringComparison.Ordinal));
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        seen.Path.ShouldBe(path);
        seen.Body.ShouldBe(request.Replace("\"m\"", "\"real-model\"", StringComparison.Ordinal));
        UsageRecord record = await gateway.NextRecordAsync();
        record.Usage.ShouldBe(input < 0 ? new Usage(UsageSource.Unknown, 0, 0, 0, 0, 0) : new Usage(UsageSource.Reported, input, 0, 0, output, 0));
        record.Cost.ShouldBeNull();
    }

    [Fact]
    public async Task Transcription_BilledBySeconds_BooksThemAndNoTokens()
    {
        await using var upstream = ScriptedUpstream.Json("""{"text":"hi","usage":{"type":"duration","seconds":2}}""");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", Forms.Transcription(Forms.Noise(10)), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        UsageRecord record = await gateway.NextRecordAsync();
        record.Units.ShouldBe(new BilledUnits("second", 2));
        record.Usage.Source.ShouldBe(UsageSource.Unknown);
        record.Cost.ShouldBeNull();
    }

    [Fact]
    public async Task Transcription_AsSubtitles_ArrivesWithItsContentType()
    {
        const string Subtitles = "1\n00:00:00,000 --> 00:00:02,000\nHello, world!\n\n\n";
        await using var upstream = ScriptedUpstream.Start(c => c.RawAsync(
            $"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {Subtitles.Length}\r\n\r\n{Subtitles}"));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.Client.PostAsync(
            "/v1/audio/transcriptions", Forms.Transcription(Forms.Noise(10), "m", ("response_format", "srt")), Cancel);

        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; charset=utf-8");
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(Subtitles);
        UsageRecord record = await gateway.NextRecordAsync();
        record.ResponseBytes.ShouldBe(Subtitles.Length);
        record.ErrorKind.ShouldBeNull();
    }

    [Fact]
    public async Task Speech_Streamed_ArrivesWhileTheUpstreamStillSpeaks()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] sound = Forms.Noise(9000);
        await using var upstream = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n");
            await c.ChunkAsync(sound.AsMemory(0, 4000));
            await go.Task.WaitAsync(c.Stop);
            await c.ChunkAsync(sound.AsMemory(4000));
            await c.EndAsync();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync(
            """{"model":"m","input":"hello","voice":"alloy"}""", "/v1/audio/speech", HttpCompletionOption.ResponseHeadersRead);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancel);
        byte[] first = new byte[4000];
        await body.ReadExactlyAsync(first, Cancel);
        go.SetResult();
        byte[] rest = new byte[5000];
        await body.ReadExactlyAsync(rest, Cancel);

        response.Content.Headers.ContentType!.ToString().ShouldBe("audio/mpeg");
        ((byte[])[.. first, .. rest]).ShouldBe(sound);
        (await body.ReadAsync(rest, Cancel)).ShouldBe(0);
        UsageRecord record = await gateway.NextRecordAsync();
        record.ResponseBytes.ShouldBe(9000);
        record.Usage.Source.ShouldBe(UsageSource.Unknown);
    }

    [Fact]
    public async Task Speech_UpstreamBreaksOff_IsNoCompleteAnswer()
    {
        await using var upstream = ScriptedUpstream.Start(async c =>
        {
            await c.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n");
            await c.ChunkAsync(new byte[100]);
            c.Reset();
        });
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        await Should.ThrowAsync<HttpRequestException>(() => gateway.PostAsync("""{"model":"m","input":"hello","voice":"alloy"}""", "/v1/audio/speech"));

        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_stream_broken");
    }

    [Fact]
    public async Task Speech_UpstreamFails_TheNextOneSpeaks()
    {
        await using var failing = ScriptedUpstream.Json(Answers.Error("no"), status: 500);
        await using var working = ScriptedUpstream.Start(c => c.RawAsync("HTTP/1.1 200 OK\r\nContent-Type: audio/aac\r\nContent-Length: 3\r\n\r\nabc"));
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(failing.Url, working.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"hello","voice":"alloy"}""", "/v1/audio/speech");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe("abc");
        response.Content.Headers.ContentLength.ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Speech_AsEvents_AreTheEventsAndTheirUsage(bool withDone)
    {
        string[] events =
        [
            """{"type":"speech.audio.delta","audio":"AAAA"}""",
            """{"type":"speech.audio.done","usage":{"input_tokens":10,"output_tokens":93,"total_tokens":103}}""",
        ];
        await using var upstream = ScriptedUpstream.Stream(withDone ? [.. events, "[DONE]"] : events);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"hello","voice":"alloy","stream_format":"sse"}""", "/v1/audio/speech");

        Answers.DataOf(await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(withDone ? [.. events, "[DONE]"] : events);
        UsageRecord record = await gateway.NextRecordAsync();
        record.Streamed.ShouldBeTrue();
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 10, 0, 0, 93, 0));
    }

    [Fact]
    public async Task Images_Streamed_PartialPicturesArriveAndTheUsageOfAllIsBooked()
    {
        string[] events =
        [
            """{"type":"image_generation.partial_image","b64_json":"AA==","partial_image_index":0}""",
            """{"type":"image_generation.completed","b64_json":"AAAA","usage":{"input_tokens":5,"output_tokens":100,"total_tokens":105}}""",
            """{"type":"image_generation.completed","b64_json":"BBBB","usage":{"input_tokens":5,"output_tokens":200,"total_tokens":205}}""",
        ];
        await using var upstream = ScriptedUpstream.Stream(events);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","prompt":"two cats","n":2,"stream":true,"partial_images":1}""", "/v1/images/generations");

        Answers.DataOf(await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(events);
        (await gateway.NextRecordAsync()).Usage.ShouldBe(new Usage(UsageSource.Reported, 10, 0, 0, 300, 0));
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldNotContain("stream_options");
    }

    [Fact]
    public async Task Transcription_StreamThatBreaksOff_EndsInAnErrorEvent()
    {
        await using var upstream = ScriptedUpstream.Stream("""{"type":"transcript.text.delta","delta":"Hel"}""");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.Client.PostAsync(
            "/v1/audio/transcriptions", Forms.Transcription(Forms.Noise(10), "m", ("stream", "true")), Cancel);

        string text = await response.Content.ReadAsStringAsync(Cancel);
        text.ShouldContain("\"delta\":\"Hel\"");
        text.ShouldContain("\"error\"");
        (await gateway.NextRecordAsync()).ErrorKind.ShouldBe("upstream_stream_broken");
    }

    [Fact]
    public async Task Images_ErrorAsTheFirstEvent_IsTriedElsewhere()
    {
        await using var failing = ScriptedUpstream.Stream("""{"type":"error","error":{"message":"later","type":"server_error"}}""");
        await using var working = ScriptedUpstream.Stream("""{"type":"image_generation.completed","b64_json":"AAAA"}""");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(failing.Url, working.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","prompt":"a cat","stream":true}""", "/v1/images/generations");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("AAAA");
    }

    [Fact]
    public async Task Speech_OfAProviderWithoutIt_Is400ThatSaysSo()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "s", Name = "sim", Kind = ProviderKind.Simulated }],
            Models = [new ModelDefinition { Id = "m", Name = "m", Backends = [new BackendDefinition { Id = "b", Provider = "sim" }] }],
        });

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"hello","voice":"alloy"}""", "/v1/audio/speech");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("not_servable");
    }

    [Fact]
    public async Task Rerank_WithAKeyThatMayNotUseTheModel_IsAsIfThereWereNone()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url) with { Keys = [TestGateway.KeyOf(TestGateway.Key, models: ["other"])] });

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","query":"q","documents":["a"]}""", "/v1/rerank");

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Moderation_WithoutInput_Is400()
    {
        await using var upstream = ScriptedUpstream.Json("{}");
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m"}""", "/v1/moderations");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(Cancel)).ShouldContain("'input'");
    }
}
