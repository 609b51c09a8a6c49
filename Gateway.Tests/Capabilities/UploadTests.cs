using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Core;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Relay.Uploads;
using Gateway.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Capabilities;

/// <summary>Forms with files, from a client's socket to an upstream's.</summary>
public sealed class UploadTests
{
    private const string Transcript = """{"text":"hello","usage":{"type":"tokens","total_tokens":28,"input_tokens":17,"input_token_details":{"text_tokens":0,"audio_tokens":17},"output_tokens":11}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100)]
    [InlineData(200_000)]
    public async Task Transcription_ModelLast_ReachesTheUpstreamUnchangedButForTheModel(int bytes)
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        byte[] expected = await Forms.Transcription(Forms.Noise(bytes), "real-model", ("language", "en")).ReadAsByteArrayAsync(Cancel);

        using HttpResponseMessage response = await gateway.Client.PostAsync(
            "/v1/audio/transcriptions", Forms.Transcription(Forms.Noise(bytes), "m", ("omni_metadata", """{"team":"a"}"""), ("language", "en")), Cancel);

        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe(Transcript);
        SeenRequest seen = upstream.Seen.ShouldHaveSingleItem();
        seen.Path.ShouldBe("/v1/audio/transcriptions");
        seen.Headers["Content-Type"].ShouldBe("multipart/form-data; boundary=\"boundary-of-the-test\"");
        seen.Bytes.ShouldBe(expected);
        UsageRecord record = await gateway.NextRecordAsync();
        record.Operation.ShouldBe(Operation.Transcriptions);
        record.Usage.ShouldBe(new Usage(UsageSource.Reported, 17, 0, 0, 11, 0));
        record.Metadata.ShouldBe("""{"team":"a"}""");
    }

    [Fact]
    public async Task Transcription_TenMegabytes_AreSentAgainOnFailover()
    {
        byte[] sound = Forms.Noise(10_000_000);
        await using var failing = ScriptedUpstream.Json(Answers.Error("overloaded"), status: 503);
        await using var working = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(failing.Url, working.Url));

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", Forms.Transcription(sound), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        byte[] expected = await Forms.Transcription(sound, "real-model").ReadAsByteArrayAsync(Cancel);
        failing.Seen.ShouldHaveSingleItem().Bytes.SequenceEqual(expected).ShouldBeTrue();
        working.Seen.ShouldHaveSingleItem().Bytes.SequenceEqual(expected).ShouldBeTrue();
        (await gateway.NextRecordAsync()).Attempts.Count.ShouldBe(2);
        await Eventually.TrueAsync(() => Space(gateway).Taken == 0);
    }

    [Fact]
    public async Task Transcription_AbortedMidUpload_LeavesNothingBehind()
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("gateway-uploads-");
        await using TestGateway gateway = await TestGateway.StartAsync(
            TestGateway.ModelOver(upstream.Url), configure: s => s.AddSingleton(new UploadSpace(temporary.FullName, () => long.MaxValue)));
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var content = new EndlessContent(1_000_000);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        Task<HttpResponseMessage> sending = gateway.Client.PostAsync("/v1/audio/transcriptions", content, abort.Token);
        await content.Sent.Task.WaitAsync(Eventually.Limit, Cancel);
        await Eventually.TrueAsync(() => Space(gateway).Taken > 500_000);
        await abort.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => sending);
        await Eventually.TrueAsync(() => Space(gateway).Taken == 0);
        // Fails where something is left.
        temporary.Delete();
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Transcription_LargerThanAllowed_Is413AndKeepsNothing()
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new GatewayOptions { MaxUploadBytes = 100_000, MaxRetries = 0 });

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", Forms.Transcription(Forms.Noise(150_000)), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("MaxUploadBytes");
        await Eventually.TrueAsync(() => Space(gateway).Taken == 0);
    }

    [Fact]
    public async Task Transcription_NoRoomForAllUploadsTogether_Is503WithRetryAfter()
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url), new GatewayOptions { MaxSpooledBytes = 100_000, MaxRetries = 0 });

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", Forms.Transcription(Forms.Noise(150_000)), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter.ShouldNotBeNull();
        await Eventually.TrueAsync(() => Space(gateway).Taken == 0);
    }

    [Theory]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n", "closing boundary")]
    [InlineData("no form at all", "boundary")]
    [InlineData("--b\r\nContent-Type: text/plain\r\n\r\nm\r\n--b--\r\n", "no name")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--b\r\nContent-Disposition: form-data; name=model\r\n\r\nn\r\n--b--\r\n", "twice")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=file; filename=x\r\n\r\nm\r\n--b--\r\n", "model")]
    [InlineData("--bx\r\n--b--", "boundary")]
    [InlineData("", "boundary")]
    public async Task Transcription_MalformedForm_Is400InOpenAIsEnvelope(string body, string told)
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));
        var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        using HttpResponseMessage response = await gateway.Client.PostAsync("/v1/audio/transcriptions", content, Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!["error"]!;
        error["type"]!.GetValue<string>().ShouldBe("invalid_request_error");
        error["message"]!.GetValue<string>().ShouldContain(told);
        upstream.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Transcription_AsJson_Is415()
    {
        await using var upstream = ScriptedUpstream.Json(Transcript);
        await using TestGateway gateway = await TestGateway.StartAsync(TestGateway.ModelOver(upstream.Url));

        using HttpResponseMessage response = await gateway.PostAsync("""{"model":"m"}""", "/v1/audio/transcriptions");

        response.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("multipart/form-data");
    }

    [Theory]
    [InlineData("/v1/images/edits", true)]
    [InlineData("/v1/images/generations", false)]
    public async Task Images_WithoutAModel_AreAskedOfTheOneTheApiDocuments(string path, bool form)
    {
        await using var upstream = ScriptedUpstream.Json("""{"created":1,"data":[{"b64_json":"AAAA"}]}""");
        CatalogDefinition catalog = TestGateway.ModelOver(upstream.Url);
        await using TestGateway gateway = await TestGateway.StartAsync(catalog with { Models = [catalog.Models[0] with { Name = "dall-e-2" }] });
        var fields = new MultipartFormDataContent("b") { { new ByteArrayContent(Forms.Noise(10)), "image", "a.png" }, { new StringContent("a cat"), "prompt" } };

        using HttpResponseMessage response = form
            ? await gateway.Client.PostAsync(path, fields, Cancel)
            : await gateway.PostAsync("""{"prompt":"a cat"}""", path);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancel));
        upstream.Seen.ShouldHaveSingleItem().Body.ShouldContain(form ? "name=\"model\"\r\n\r\nreal-model\r\n--b\r\n" : "{\"model\":\"real-model\",\"prompt\":\"a cat\"}");
        (await gateway.NextRecordAsync()).Usage.Source.ShouldBe(UsageSource.Unknown);
    }

    private static UploadSpace Space(TestGateway gateway) => gateway.Services.GetRequiredService<UploadSpace>();

    /// <summary>A body that never ends.</summary>
    private sealed class EndlessContent(int bytes) : HttpContent
    {
        public TaskCompletionSource Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, Cancel);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("--b\r\nContent-Disposition: form-data; name=file; filename=x\r\n\r\n"u8.ToArray(), cancellationToken);
            await stream.WriteAsync(new byte[bytes], cancellationToken);
            await stream.FlushAsync(cancellationToken);
            Sent.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
