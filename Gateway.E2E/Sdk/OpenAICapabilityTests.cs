using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using Gateway.E2E.Hosting;
using OpenAI;
using OpenAI.Audio;
using OpenAI.Files;
using OpenAI.Images;
using OpenAI.Moderations;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>The official OpenAI SDK for .NET against the running product: everything but text.</summary>
public sealed class OpenAICapabilityTests(OpenAICapabilityTests.Setup setup) : IClassFixture<OpenAICapabilityTests.Setup>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transcribe_AFile_ReachesTheUpstreamWhole()
    {
        using var sound = new MemoryStream(new byte[300_000]);
        AudioTranscription text = await Audio.TranscribeAudioAsync(sound, "a.wav", cancellationToken: Token);
        text.Text.ShouldBe("stub-voice heard 300000 bytes");
    }

    [Fact]
    public async Task GenerateSpeech_Plain_IsTheSound() =>
        (await Audio.GenerateSpeechAsync("Hello", GeneratedSpeechVoice.Alloy, cancellationToken: Token)).Value.ToArray().ShouldBe(ScriptedCapabilities.Sound);

    [Fact]
    public async Task GenerateImage_Plain_IsThePicture()
    {
        GeneratedImage image = await new ImageClient("stub-image", Key, Options()).GenerateImageAsync("a cat", cancellationToken: Token);
        image.ImageBytes.ToArray().ShouldBe(Convert.FromBase64String("iVBORw0KGgo="));
    }

    [Fact]
    public async Task ClassifyText_Plain_IsTheVerdict()
    {
        ModerationResult verdict = await new ModerationClient("stub-guard", Key, Options()).ClassifyTextAsync("…", Token);
        verdict.Flagged.ShouldBeTrue();
        verdict.Violence.Flagged.ShouldBeTrue();
    }

    [Fact]
    public async Task Files_UploadedAndAskedFor_StayWithTheirProvider()
    {
        OpenAIClientOptions options = Options();
        options.AddPolicy(new Priority("scripted"), PipelinePosition.PerCall);
        byte[] content = Encoding.UTF8.GetBytes("{\"custom_id\":\"1\"}\n");
        OpenAIFile file = await new OpenAIFileClient(Key, options).UploadFileAsync(new MemoryStream(content), "a.jsonl", FileUploadPurpose.Batch, Token);

        var client = new OpenAIFileClient(Key, Options());
        (await client.GetFileAsync(file.Id, Token)).Value.SizeInBytes.ShouldBe(content.Length);
        (await client.DownloadFileAsync(file.Id, Token)).Value.ToArray().ShouldBe(content);
        (await client.DeleteFileAsync(file.Id, Token)).Value.Deleted.ShouldBeTrue();
    }

    private AudioClient Audio => new("stub-voice", Key, Options());

    private ApiKeyCredential Key => new(setup.Gateway.Key);

    // The SDK's own retries would only hide what the gateway answered.
    private OpenAIClientOptions Options() => new() { Endpoint = new Uri($"{setup.Gateway.Url}/v1"), RetryPolicy = new ClientRetryPolicy(0) };

    private sealed class Priority(string provider) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Provider-Priority", provider);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            message.Request.Headers.Set("X-Provider-Priority", provider);
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }

    /// <summary>A gateway that knows the scripted upstream's models.</summary>
    public sealed class Setup : IAsyncLifetime
    {
        public RunningGateway Gateway { get; } = new();
        public ScriptedUpstream Upstream { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Upstream.InitializeAsync();
            await Gateway.InitializeAsync();
            await Gateway.RegisterAsync(Upstream, "stub-voice", "stub-image", "stub-guard");
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Upstream.DisposeAsync();
        }
    }
}
