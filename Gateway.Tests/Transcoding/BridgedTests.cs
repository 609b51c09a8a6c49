using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Conversion;
using Gateway.Providers;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Transcoding;

public sealed class BridgedTests
{
    private const string Chat = """{"model":"m","messages":[{"role":"user","content":"Hi"}]}""";

    [Theory]
    [InlineData(Wire.OpenAIChat, false)]
    [InlineData(Wire.OpenAIResponses, true)]
    [InlineData(Wire.AnthropicMessages, true)]
    [InlineData(Wire.Gemini, true)]
    public void Request_ToAnotherWire_IsBridgedThoughNothingIsSaidOtherwise(Wire to, bool bridged)
    {
        ConversionReport<JsonElement> report = Transcoder.Request(Wire.OpenAIChat, to, Chat);

        report.Bridged.ShouldBe(bridged);
        report.Lossy.ShouldBeFalse();
        Transcoder.Stream(Wire.OpenAIChat, to, new() { Model = "m", CallId = Guid.NewGuid(), Now = DateTimeOffset.UnixEpoch, Request = new() { Model = "m", Messages = [] }, Origin = Wire.OpenAIChat })
            .Report.Bridged.ShouldBe(bridged);
    }
}
