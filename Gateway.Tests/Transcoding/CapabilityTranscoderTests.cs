using System.Text;
using System.Text.Json;
using Gateway.Core.Capabilities;
using Gateway.Core.Capabilities.Audio;
using Gateway.Core.Capabilities.Embeddings;
using Gateway.Core.Capabilities.Reranking;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Replay;
using Gateway.Providers;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Transcoding;

public sealed class CapabilityTranscoderTests
{
    private static readonly byte[] OpenAIEmbeddings = """{"model":"text-embedding-3-small","input":["a","b"],"dimensions":256,"user":"u","odd":1}"""u8.ToArray();

    [Fact]
    public void Embeddings_ToOtherApis_SayTheSame_AndReportWhatIsLost()
    {
        ConversionReport<JsonElement> cohere = CapabilityTranscoder.Request(Operation.Embeddings, Operation.CohereEmbed, OpenAIEmbeddings, "embed-v4.0");
        JsonElement body = cohere.Value;
        (body.GetProperty("model").GetString(), body.GetProperty("texts").GetArrayLength(), body.GetProperty("output_dimension").GetInt32()).ShouldBe(("embed-v4.0", 2, 256));
        (cohere.Bridged, cohere.Lossy).ShouldBe((true, true));
        cohere.Reasons.ShouldContain(r => r.What == "odd" && r.Lossy);

        JsonElement gemini = CapabilityTranscoder.Request(Operation.Embeddings, Operation.BatchEmbedContents, OpenAIEmbeddings).Value;
        gemini.GetProperty("requests")[1].GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString().ShouldBe("b");
    }

    [Fact]
    public void SameApi_ComesBackAsItIs()
    {
        ConversionReport<JsonElement> report = CapabilityTranscoder.Request(Operation.Embeddings, Operation.Embeddings, OpenAIEmbeddings);

        report.Value.GetRawText().ShouldBe(Encoding.UTF8.GetString(OpenAIEmbeddings));
        (report.Bridged, report.Lossy).ShouldBe((false, false));
    }

    [Fact]
    public void Answer_OfAnotherApi_HasTheFormThatItsClientChose()
    {
        byte[] asked = """{"model":"m","input":"a","encoding_format":"base64"}"""u8.ToArray();
        byte[] answered = """{"embeddings":{"float":[[1,0.5]]},"meta":{"billed_units":{"input_tokens":3}}}"""u8.ToArray();

        CapabilityContent content = CapabilityTranscoder.Answer(Operation.CohereEmbed, Operation.Embeddings, answered, asked, DateTimeOffset.UnixEpoch);

        JsonElement body = JsonElement.Parse(content.Body.Span);
        Convert.FromBase64String(body.GetProperty("data")[0].GetProperty("embedding").GetString()!).Length.ShouldBe(8);
        CapabilityTranscoder.ReadAnswer<EmbeddingAnswer>(Operation.CohereEmbed, answered).Vectors.ShouldHaveSingleItem().ShouldBe([1f, 0.5f]);
    }

    [Fact]
    public void TypedRequest_KnowsItsPath()
    {
        var request = new EmbeddingRequest { Model = "text-embedding-3-small", Texts = ["hello"], Dimensions = 256 };

        TransportRequest openAI = CapabilityTranscoder.WriteRequest(Operation.Embeddings, request).Value;
        (openAI.Method, openAI.Path).ShouldBe(("POST", "embeddings"));
        openAI.Body.Json.GetProperty("input")[0].GetString().ShouldBe("hello");
        CapabilityTranscoder.WriteRequest(Operation.EmbedContent, request, "gemini-embedding-001").Value.Path.ShouldBe("models/gemini-embedding-001:embedContent");
        CapabilityTranscoder.WriteRequest(Operation.InvokeModel, request, "cohere.embed-english-v3:0").Value.Path.ShouldBe("model/cohere.embed-english-v3%3A0/invoke");
        CapabilityTranscoder.ReadRequest<EmbeddingRequest>(Operation.Embeddings, OpenAIEmbeddings).Model.ShouldBe("text-embedding-3-small");
    }

    [Fact]
    public void RankingsPicturesAndSound_HaveTheirWays()
    {
        byte[] rerank = """{"model":"r","query":"q","documents":["x","y"],"top_n":1}"""u8.ToArray();
        CapabilityTranscoder.Request(Operation.Rerank, Operation.CohereRerank, rerank).Value.GetProperty("top_n").GetInt32().ShouldBe(1);
        CapabilityTranscoder.ReadRequest<RerankRequest>(Operation.Rerank, rerank).Documents.ShouldBe(["x", "y"]);
        CapabilityTranscoder.Request(Operation.ImageGenerations, Operation.GenerateContent, """{"prompt":"a cat"}"""u8).Value.GetRawText().ShouldContain("a cat");
        CapabilityTranscoder.Request(Operation.Speech, Operation.GenerateContent, """{"model":"tts","input":"hi","voice":"alloy","response_format":"wav"}"""u8).Value.GetRawText().ShouldContain("hi");
        CapabilityTranscoder.WriteRequest(Operation.GenerateContent, new SpeechRequest { Input = "hi", Format = "wav" }, "gemini-tts").Value.Path.ShouldBe("models/gemini-tts:generateContent");
    }

    [Fact]
    public void WithoutAWay_SaysSo()
    {
        Should.Throw<NotSupportedException>(() => CapabilityTranscoder.Request(Operation.Embeddings, Operation.CohereRerank, OpenAIEmbeddings)).Message.ShouldContain("CohereRerank");
        Should.Throw<NotSupportedException>(() => CapabilityTranscoder.WriteRequest(Operation.Rerank, new EmbeddingRequest { Texts = ["a"] }));
        Should.Throw<NotSupportedException>(() => CapabilityTranscoder.ReadRequest<RerankRequest>(Operation.Embeddings, OpenAIEmbeddings));
        Should.Throw<GenerationFormatException>(() => CapabilityTranscoder.Request(Operation.Embeddings, Operation.CohereEmbed, """{"model":"m"}"""u8));
    }

    [Theory]
    [InlineData(Wire.OpenAIChat, false, "chat/completions")]
    [InlineData(Wire.OpenAIResponses, true, "responses")]
    [InlineData(Wire.AnthropicMessages, false, "messages")]
    [InlineData(Wire.Gemini, false, "models/m:generateContent")]
    [InlineData(Wire.Gemini, true, "models/m:streamGenerateContent?alt=sse")]
    [InlineData(Wire.BedrockConverse, true, "model/m/converse-stream")]
    public void GenerationRequest_KnowsItsPath(Wire wire, bool stream, string path)
    {
        var request = new GenerationRequest { Model = "m", Messages = [new Message(Role.User, [new TextPart("Hi")])], Stream = stream };

        TransportRequest transport = Transcoder.TransportRequest(wire, request).Value;

        transport.Path.ShouldBe(path);
        transport.Body.Json.ValueKind.ShouldBe(JsonValueKind.Object);
    }
}
