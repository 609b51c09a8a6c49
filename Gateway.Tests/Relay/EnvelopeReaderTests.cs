using System.Text;
using Gateway.Core;
using Gateway.Core.Catalog;
using Gateway.Core.Relay;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Relay;

public class EnvelopeReaderTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    // Google's own examples write it either way.
    [Theory]
    [InlineData("systemInstruction")]
    [InlineData("system_instruction")]
    public void Read_GeminisInstruction_IsKnownByBothNames(string name)
    {
        byte[] body = Encoding.UTF8.GetBytes($$$"""{"{{{name}}}":{"parts":[{"text":"be brief"}]},"contents":[{"parts":[{"text":"hi"}]}]}""");

        EnvelopeReader.Read(Operation.GenerateContent, body, out RequestEnvelope envelope, "m").ShouldBeNull();

        Encoding.UTF8.GetString(envelope.SystemContent.Of(body)).ShouldBe("""{"parts":[{"text":"be brief"}]}""");
    }

    [Fact]
    public void Read_GeminisInstructionUnderBothNames_IsRefused() =>
        EnvelopeReader.Read(Operation.GenerateContent, """{"system_instruction":{},"systemInstruction":{},"contents":[{"parts":[{"text":"hi"}]}]}"""u8.ToArray(), out _, "m")!
            .Kind.ShouldBe(GatewayErrorKind.InvalidJson);

    [Theory]
    [InlineData("", "invalid_json")]
    [InlineData("   ", "invalid_json")]
    [InlineData("{", "invalid_json")]
    [InlineData("nonsense", "invalid_json")]
    [InlineData("[]", "invalid_request")]
    [InlineData("null", "invalid_request")]
    [InlineData("\"text\"", "invalid_request")]
    [InlineData("{\"model\":\"m\"," + Messages + "} trailing", "invalid_json")]
    [InlineData("{\"model\":\"m\"," + Messages + "}{}", "invalid_json")]
    [InlineData("{\"model\":\"m\"," + Messages + ",}", "invalid_json")]
    [InlineData("{/* c */\"model\":\"m\"," + Messages + "}", "invalid_json")]
    [InlineData("{\"model\":\"m\",\"model\":\"n\"," + Messages + "}", "invalid_json")]
    [InlineData("{\"model\":\"m\",\"m\\u006fdel\":\"n\"," + Messages + "}", "invalid_json")]
    [InlineData("{\"x\":1,\"x\":2,\"model\":\"m\"," + Messages + "}", "invalid_json")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"content\":\"b\"}]}", "invalid_json")]
    [InlineData("{\"model\":\"m\",\"stream_options\":{\"include_usage\":true,\"include_usage\":false}," + Messages + "}", "invalid_json")]
    [InlineData("{\"model\":\"\\ud800\"," + Messages + "}", "invalid_json")]
    [InlineData("{" + Messages + "}", "invalid_request", "model")]
    [InlineData("{\"model\":\"\"," + Messages + "}", "invalid_request", "model")]
    [InlineData("{\"model\":7," + Messages + "}", "invalid_request", "model")]
    [InlineData("{\"model\":null," + Messages + "}", "invalid_request", "model")]
    [InlineData("{\"model\":\"m\"}", "invalid_request", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":[]}", "invalid_request", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":null}", "invalid_request", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":\"hi\"}", "invalid_request", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":{}}", "invalid_request", "messages")]
    [InlineData("{\"model\":\"m\",\"messages\":[\"hi\"]}", "invalid_request", "messages[0]")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"content\":\"hi\"}]}", "invalid_request", "messages[0].role")]
    [InlineData("{\"model\":\"m\",\"messages\":[{\"role\":1,\"content\":\"hi\"}]}", "invalid_request", "messages[0].role")]
    [InlineData("{\"model\":\"m\",\"stream\":\"yes\"," + Messages + "}", "invalid_request", "stream")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":\"5\"," + Messages + "}", "invalid_request", "max_tokens")]
    [InlineData("{\"model\":\"m\",\"max_completion_tokens\":-1," + Messages + "}", "invalid_request", "max_completion_tokens")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1e99," + Messages + "}", "invalid_request", "max_tokens")]
    [InlineData("{\"model\":\"m\",\"n\":0," + Messages + "}", "invalid_request", "n")]
    [InlineData("{\"model\":\"m\",\"omni_route\":5," + Messages + "}", "invalid_request", "omni_route")]
    [InlineData("{\"model\":\"m\",\"omni_metadata\":\"x\"," + Messages + "}", "invalid_request", "omni_metadata")]
    [InlineData("{\"model\":\"m\",\"stream_options\":[]," + Messages + "}", "invalid_request", "stream_options")]
    public void Read_BadBody_SaysWhatIsWrong(string body, string kind, string? param = null)
    {
        GatewayError? error = Read(body, out _);

        error.ShouldNotBeNull();
        error.KindName.ShouldBe(kind);
        error.StatusCode.ShouldBe(400);
        if (param is not null)
        {
            error.Param.ShouldBe(param);
        }
    }

    [Fact]
    public void Read_TooDeep_IsRefused()
    {
        string body = $"{{\"model\":\"m\",{Messages},\"x\":{new string('[', 64)}{new string(']', 64)}}}";

        Read(body, out _)!.KindName.ShouldBe("invalid_json");
    }

    [Fact]
    public void Read_DeepestAllowed_IsAccepted()
    {
        string body = $"{{\"model\":\"m\",{Messages},\"x\":{new string('[', 63)}{new string(']', 63)}}}";

        Read(body, out _).ShouldBeNull();
    }

    [Fact]
    public void Read_InvalidUtf8_IsRefused()
    {
        byte[] body = [.. "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""u8, 0xff, 0xfe, .. "\"}]}"u8];

        EnvelopeReader.Read(Operation.ChatCompletions, body, out _)!.KindName.ShouldBe("invalid_json");
    }

    [Fact]
    public void Read_ManyNames_StillFindsTheDuplicate()
    {
        string names = string.Join(',', Enumerable.Range(0, 200).Select(i => $"\"n{i}\":{i}"));

        Read($"{{\"model\":\"m\",{Messages},{names}}}", out _).ShouldBeNull();
        Read($"{{\"model\":\"m\",{Messages},{names},\"n150\":1}}", out _)!.Param.ShouldBe("n150");
    }

    [Fact]
    public void Read_AllFields_AreFound()
    {
        string body = """
            {"messages":[{"role":"system","content":"be brief"},{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}],
             "model":"gpt-x","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":77,"n":2,
             "omni_route":"r","omni_provider":"p","omni_metadata":{"team":"t"},"temperature":0.5}
            """;

        Read(body, out RequestEnvelope envelope).ShouldBeNull();

        envelope.Model.ShouldBe("gpt-x");
        envelope.Stream.ShouldBeTrue();
        envelope.UsageChunkWanted.ShouldBeTrue();
        envelope.MaxOutputTokens.ShouldBe(77);
        envelope.Choices.ShouldBe(2);
        envelope.OmniRoute.ShouldBe("r");
        envelope.OmniProvider.ShouldBe("p");
        Encoding.UTF8.GetString(envelope.Metadata.Of(envelope.Body.Span)).ShouldBe("""{"team":"t"}""");
        envelope.Messages.ShouldBe(2);
        envelope.MediaParts.ShouldBe(1);
        envelope.Input.Of(envelope.Body.Span)[0].ShouldBe((byte)'[');
    }

    [Theory]
    [InlineData(Operation.Embeddings, "{\"model\":\"m\",\"input\":[]}", "input")]
    [InlineData(Operation.Embeddings, "{\"model\":\"m\",\"input\":{}}", "input")]
    [InlineData(Operation.Embeddings, "{\"model\":\"m\"}", "input")]
    [InlineData(Operation.Completions, "{\"model\":\"m\",\"prompt\":5}", "prompt")]
    [InlineData(Operation.Completions, "{\"model\":\"m\"}", "prompt")]
    public void Read_BadInputOfOtherOperations_NamesIt(Operation operation, string body, string param) =>
        EnvelopeReader.Read(operation, Encoding.UTF8.GetBytes(body), out _)!.Param.ShouldBe(param);

    [Theory]
    [InlineData(Operation.Embeddings, "{\"model\":\"m\",\"input\":\"\"}")]
    [InlineData(Operation.Embeddings, "{\"model\":\"m\",\"input\":[1,2,3]}")]
    [InlineData(Operation.Embeddings, "{\"model\":\"m\",\"input\":[[1,2],[3]]}")]
    [InlineData(Operation.Embeddings, "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}")]
    [InlineData(Operation.Completions, "{\"model\":\"m\",\"prompt\":\"\"}")]
    public void Read_InputOfOtherOperations_IsAccepted(Operation operation, string body) =>
        EnvelopeReader.Read(operation, Encoding.UTF8.GetBytes(body), out _).ShouldBeNull();

    private static GatewayError? Read(string body, out RequestEnvelope envelope) =>
        EnvelopeReader.Read(Operation.ChatCompletions, Encoding.UTF8.GetBytes(body), out envelope);
}
