using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Tests.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Capabilities;

/// <summary>Pictures and sound asked in OpenAI's shape of models of Gemini's, in the shapes that Google documents.</summary>
public sealed class MediaBridgeTests
{
    private const string Usage =
        """
        "usageMetadata":{"promptTokenCount":20,"candidatesTokenCount":1290,"thoughtsTokenCount":10,"totalTokenCount":1320,"promptTokensDetails":[{"modality":"TEXT","tokenCount":8},{"modality":"IMAGE","tokenCount":12}]}
        """;
    private const string Picture =
        """{"candidates":[{"content":{"parts":[{"text":"Hm.","thought":true},{"inlineData":{"mimeType":"image/png","data":"aHVo"},"thought":true},{"text":"Here it is."},{"inlineData":{"mimeType":"image/jpeg","data":"cGljdHVyZQ=="}}],"role":"model"},"finishReason":"STOP","index":0}],""" + Usage + "}";
    private const string Transcript = """{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"Hello, "},{"text":"world.\n"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":40,"candidatesTokenCount":4,"totalTokenCount":44,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":32},{"modality":"TEXT","tokenCount":8}]}}""";
    private const string Sound = """{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"audio/L16;codec=pcm;rate=24000","data":"AQACAAMA"}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":30,"totalTokenCount":35}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Images_OfAGeminiModel_AreMadeAndBooked()
    {
        await using var upstream = ScriptedUpstream.Json(Picture);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.PostAsync(
            """{"model":"m","prompt":"a cat","n":1,"size":"1536x1024","quality":"auto","user":"u","omni_metadata":{"team":"x"}}""", "/v1/images/generations");

        JsonNode body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
        response.StatusCode.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
        body["data"]!.ToJsonString().ShouldBe("""[{"b64_json":"cGljdHVyZQ=="}]""");
        body["output_format"]!.GetValue<string>().ShouldBe("jpeg");
        body["created"]!.GetValue<long>().ShouldBeGreaterThan(0);
        body["usage"]!.ToJsonString().ShouldBe("""{"input_tokens":20,"input_tokens_details":{"text_tokens":8,"image_tokens":12},"output_tokens":1300,"total_tokens":1320}""");
        response.Headers.GetValues("x-gateway-lossy").ShouldBe(["user"]);
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        (seen.Path, seen.Body).ShouldBe((
            "/v1/models/real-model:generateContent",
            """{"contents":[{"role":"user","parts":[{"text":"a cat"}]}],"generationConfig":{"responseModalities":["IMAGE"],"imageConfig":{"aspectRatio":"3:2"}}}"""));
        (await gateway.NextRecordAsync()).Usage.ShouldBe(new Usage(UsageSource.Reported, 20, 0, 0, 1300, 10));
    }

    [Theory]
    [InlineData("1024x1024", "1:1", false)]
    [InlineData("1792x1024", "16:9", true)]
    [InlineData("1024x1536", "2:3", false)]
    [InlineData("auto", null, false)]
    public async Task Images_SizeInPixels_BecomesAShape(string size, string? shape, bool lossy)
    {
        await using var upstream = ScriptedUpstream.Json(Picture);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.PostAsync($$"""{"model":"m","prompt":"a cat","size":"{{size}}"}""", "/v1/images/generations");

        response.EnsureSuccessStatusCode();
        JsonNode.Parse(upstream.Seen.Single().Body)!["generationConfig"]!["imageConfig"]?["aspectRatio"]?.GetValue<string>().ShouldBe(shape);
        response.Headers.Contains("x-gateway-lossy").ShouldBe(lossy);
    }

    [Theory]
    [InlineData("\"n\":3", "n")]
    [InlineData("\"background\":\"transparent\",\"output_format\":\"webp\"", "background, output_format")]
    public async Task Images_WhatCannotBeSaid_IsNamedOrRefused(string field, string lost)
    {
        await using var upstream = ScriptedUpstream.Json(Picture);
        CatalogDefinition catalog = Over(upstream);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Models = [catalog.Models[0], catalog.Models[0] with { Id = "s", Name = "strict", OnLoss = LossPolicy.Refuse }] });

        using HttpResponseMessage told = await gateway.PostAsync($$"""{"model":"m","prompt":"a cat",{{field}}}""", "/v1/images/generations");
        using HttpResponseMessage refused = await gateway.PostAsync($$"""{"model":"strict","prompt":"a cat",{{field}}}""", "/v1/images/generations");

        told.Headers.GetValues("x-gateway-lossy").ShouldBe([lost]);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await refused.Content.ReadAsStringAsync(Cancel)).ShouldContain("lossy_conversion");
        upstream.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Images_Streamed_AreOneEventOfEach()
    {
        await using var upstream = ScriptedUpstream.Json(Picture);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","prompt":"a cat","stream":true}""", "/v1/images/generations");

        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        JsonNode only = JsonNode.Parse(Answers.DataOf(await response.Content.ReadAsStringAsync(Cancel)).ShouldHaveSingleItem())!;
        only["type"]!.GetValue<string>().ShouldBe("image_generation.completed");
        only["b64_json"]!.GetValue<string>().ShouldBe("cGljdHVyZQ==");
        only["usage"]!["total_tokens"]!.GetValue<int>().ShouldBe(1320);
        upstream.Seen.Single().Path.ShouldEndWith(":generateContent");
    }

    [Fact]
    public async Task Images_AsUrl_HoldThePictureItself()
    {
        await using var upstream = ScriptedUpstream.Json(Picture);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","prompt":"a cat","response_format":"url"}""", "/v1/images/generations");

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("\"url\":\"data:image/jpeg;base64,cGljdHVyZQ==\"");
    }

    [Fact]
    public async Task Edits_OfAForm_SendThePicturesAlong()
    {
        await using var upstream = ScriptedUpstream.Json(Picture);
        await using TestGateway gateway = await StartAsync(upstream);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("m"), "model" },
            { new StringContent("make it red"), "prompt" },
            { File("one"u8, "image/png"), "image[]", "a.png" },
            { File("two"u8, "application/octet-stream"), "image[]", "b.JPG" },
            { File("mask"u8, "image/png"), "mask", "mask.png" },
        };

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/images/edits", form, Cancel);

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("cGljdHVyZQ==");
        response.Headers.GetValues("x-gateway-lossy").ShouldBe(["mask"]);
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        seen.Headers["Content-Type"].ShouldStartWith("application/json");
        JsonNode.Parse(seen.Body)!["contents"]![0]!["parts"]!.ToJsonString().ShouldBe(
            """[{"inlineData":{"mimeType":"image/png","data":"b25l"}},{"inlineData":{"mimeType":"image/jpeg","data":"dHdv"}},{"text":"make it red"}]""");
    }

    [Fact]
    public async Task Edits_OfJson_TakePicturesButNoAddresses()
    {
        await using var upstream = ScriptedUpstream.Json(Picture);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage taken = await gateway.PostAsync("""{"model":"m","prompt":"red","images":[{"image_url":"data:image/webp;base64,b25l"}]}""", "/v1/images/edits");
        using HttpResponseMessage refused = await gateway.PostAsync("""{"model":"m","prompt":"red","images":[{"image_url":"https://example.com/a.png"}]}""", "/v1/images/edits");

        taken.EnsureSuccessStatusCode();
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldContain("""{"mimeType":"image/webp","data":"b25l"}""");
    }

    [Theory]
    [InlineData("""{"candidates":[{"finishReason":"IMAGE_SAFETY","index":0}],"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5}}""", "IMAGE_SAFETY")]
    [InlineData("""{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}""", "PROHIBITED_CONTENT")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"No."}]},"finishReason":"STOP"}]}""", "STOP")]
    [InlineData("""[1]""", "not a JSON object")]
    public async Task Images_ThatWereNotMade_AreAnErrorAndMadeElsewhere(string answer, string reason)
    {
        await using var poor = ScriptedUpstream.Json(answer);
        await using var good = ScriptedUpstream.Json("""{"created":1,"data":[{"b64_json":"Z29vZA=="}]}""");
        CatalogDefinition both = TestGateway.ModelOver(poor.Url, good.Url);
        both = both with { Providers = [both.Providers[0] with { Kind = ProviderKind.Gemini }, both.Providers[1]] };
        CatalogDefinition alone = Over(poor);
        await using TestGateway gateway = await TestGateway.StartAsync(both);
        await using TestGateway single = await TestGateway.StartAsync(alone);

        using HttpResponseMessage made = await gateway.PostAsync("""{"model":"m","prompt":"a cat","quality":"high"}""", "/v1/images/generations");
        using HttpResponseMessage refused = await single.PostAsync("""{"model":"m","prompt":"a cat"}""", "/v1/images/generations");

        (await made.Content.ReadAsStringAsync(Cancel)).ShouldContain("Z29vZA==");
        good.Seen.Single().Body.ShouldBe("""{"model":"real-model","prompt":"a cat","quality":"high"}""");
        refused.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await refused.Content.ReadAsStringAsync(Cancel)).ShouldContain(reason);
    }

    [Theory]
    [InlineData("json", "application/json", """{"text":"Hello, world.","usage":{"type":"tokens","input_tokens":40,"input_token_details":{"text_tokens":8,"audio_tokens":32},"output_tokens":4,"total_tokens":44}}""")]
    [InlineData("text", "text/plain", "Hello, world.\n")]
    public async Task Transcriptions_OfAGeminiModel_AreWrittenDown(string format, string type, string answer)
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await StartAsync(upstream);
        byte[] noise = Forms.Noise(5000);

        using HttpResponseMessage response = await gateway.Client.PostAsync(
            "/v1/audio/transcriptions", Forms.Transcription(noise, "m", ("response_format", format), ("language", "en"), ("prompt", "Zyzzyva"), ("temperature", "0.5")), Cancel);

        string text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        text.ShouldBe(answer);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        response.Headers.Contains("x-gateway-lossy").ShouldBeFalse();
        JsonNode sent = JsonNode.Parse(upstream.Seen.ShouldHaveSingleItem().Body)!;
        JsonNode parts = sent["contents"]![0]!["parts"]!;
        parts[0]!["inlineData"]!["mimeType"]!.GetValue<string>().ShouldBe("audio/wav");
        Convert.FromBase64String(parts[0]!["inlineData"]!["data"]!.GetValue<string>()).ShouldBe(noise);
        parts[1]!["text"]!.GetValue<string>().ShouldContain("word for word");
        parts[1]!["text"]!.GetValue<string>().ShouldContain("\"en\"");
        parts[1]!["text"]!.GetValue<string>().ShouldContain("Zyzzyva");
        sent["generationConfig"]!["temperature"]!.GetValue<double>().ShouldBe(0.5);
        (await gateway.NextRecordAsync()).Usage.ShouldBe(new Usage(UsageSource.Reported, 40, 0, 0, 4, 0));
    }

    [Fact]
    public async Task Transcriptions_Streamed_AreADeltaAndTheWhole()
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", Forms.Transcription([1, 2], "m", ("stream", "true")), Cancel);

        Answers.DataOf(await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(
        [
            """{"type":"transcript.text.delta","delta":"Hello, world."}""",
            """{"type":"transcript.text.done","text":"Hello, world.","usage":{"type":"tokens","input_tokens":40,"input_token_details":{"text_tokens":8,"audio_tokens":32},"output_tokens":4,"total_tokens":44}}""",
        ]);
    }

    [Fact]
    public async Task Translations_OfAGeminiModel_AreAskedForInEnglish()
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/translations", Forms.Transcription([1, 2]), Cancel);

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("Hello, world.");
        upstream.Seen.Single().Body.ShouldContain("into English");
    }

    [Theory]
    [InlineData("""{"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}]}""", HttpStatusCode.OK, "{\"text\":\"\"}")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"Hel"}]},"finishReason":"MAX_TOKENS"}]}""", HttpStatusCode.BadGateway, "MAX_TOKENS")]
    public async Task Transcriptions_WithoutWords_AreEmptyOnlyIfTheModelWasDone(string answer, HttpStatusCode status, string told)
    {
        await using var upstream = ScriptedUpstream.Json(answer);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", Forms.Transcription([1, 2]), Cancel);

        response.StatusCode.ShouldBe(status);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain(told);
    }

    [Theory]
    [InlineData("srt")]
    [InlineData("verbose_json")]
    public async Task Transcriptions_WithTimeStamps_Are400(string format)
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", Forms.Transcription([1, 2], "m", ("response_format", format)), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("response_format");
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Transcriptions_WithTimeStamps_GoToABackendThatHasThem()
    {
        await using var gemini = ScriptedUpstream.Json(Transcript);
        await using var openAI = ScriptedUpstream.Json("""{"text":"natively","segments":[]}""");
        CatalogDefinition catalog = TestGateway.ModelOver(gemini.Url, openAI.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Providers = [catalog.Providers[0] with { Kind = ProviderKind.Gemini }, catalog.Providers[1]] });

        using HttpResponseMessage response = await gateway.Client.PostAsync(
            "/v1/audio/transcriptions", Forms.Transcription([1, 2], "m", ("response_format", "verbose_json")), Cancel);

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("natively");
        gemini.Seen.ShouldBeEmpty();
        openAI.Seen.Single().Headers["Content-Type"].ShouldStartWith("multipart/form-data");
    }

    [Theory]
    [InlineData("\"voice\":\"alloy\"", "Kore", "audio/wav", "response_format, voice")]
    [InlineData("\"voice\":\"puck\",\"response_format\":\"wav\"", "Puck", "audio/wav", null)]
    [InlineData("\"voice\":\"Zephyr\",\"response_format\":\"pcm\",\"speed\":1.5", "Zephyr", "audio/pcm", "speed")]
    public async Task Speech_OfAGeminiModel_IsSound(string fields, string voice, string type, string? lost)
    {
        await using var upstream = ScriptedUpstream.Json(Sound);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.PostAsync($$"""{"model":"m","input":"Hello","instructions":"Say it gladly.",{{fields}}}""", "/v1/audio/speech");

        byte[] sound = await response.Content.ReadAsByteArrayAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, Encoding.UTF8.GetString(sound));
        response.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        (response.Headers.TryGetValues("x-gateway-lossy", out var header) ? string.Join(", ", header.Single().Split(", ").Order()) : null).ShouldBe(lost);
        sound[^6..].ShouldBe([1, 0, 2, 0, 3, 0]);
        (sound.Length, type == "audio/wav").ShouldBe(type == "audio/wav" ? (50, true) : (6, false));
        if (type == "audio/wav")
        {
            // RIFF: size, PCM, one channel, 24 kHz, 48,000 bytes a second, 2 bytes a sample, 16 bits, 6 bytes of them.
            Convert.ToHexString(sound[..44]).ShouldBe("524946462A00000057415645666D74201000000001000100C05D000080BB0000020010006461746106000000");
        }
        upstream.Seen.Single().Body.ShouldBe(
            """{"contents":[{"role":"user","parts":[{"text":"Say it gladly:\nHello"}]}],"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"X"}}}}}"""
                .Replace("\"X\"", $"\"{voice}\"", StringComparison.Ordinal));
        (await gateway.NextRecordAsync()).Usage.ShouldBe(new Usage(UsageSource.Reported, 5, 0, 0, 30, 0));
    }

    [Fact]
    public async Task Speech_AsEvents_HoldsTheSound()
    {
        await using var upstream = ScriptedUpstream.Json(Sound);
        await using TestGateway gateway = await StartAsync(upstream);

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m","input":"Hello","voice":"Kore","response_format":"pcm","stream_format":"sse"}""", "/v1/audio/speech");

        Answers.DataOf(await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(
        [
            """{"type":"speech.audio.delta","audio":"AQACAAMA"}""",
            """{"type":"speech.audio.done","usage":{"input_tokens":5,"output_tokens":30,"total_tokens":35}}""",
        ]);
    }

    [Fact]
    public async Task Speech_ThatIsNotBase64_IsAnInvalidAnswer()
    {
        await using var upstream = ScriptedUpstream.Json(Sound.Replace("AQACAAMA", "?", StringComparison.Ordinal));
        await using TestGateway gateway = await StartAsync(upstream);

        (await gateway.PostAsync("""{"model":"m","input":"Hello","voice":"Kore"}""", "/v1/audio/speech")).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    private static ByteArrayContent File(ReadOnlySpan<byte> content, string type) => new(content.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static CatalogDefinition Over(ScriptedUpstream upstream)
    {
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        return catalog with { Providers = [catalog.Providers[0] with { Kind = ProviderKind.Gemini }] };
    }

    private static Task<TestGateway> StartAsync(ScriptedUpstream upstream) => TestGateway.StartAsync(Over(upstream));
}
