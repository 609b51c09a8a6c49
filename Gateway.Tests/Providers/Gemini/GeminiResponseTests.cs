using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Shouldly;
using Xunit;
using static Gateway.Tests.Providers.Gemini.GeminiConversion;

namespace Gateway.Tests.Providers.Gemini;

public sealed class GeminiResponseTests
{
    private static GenerationResponse Of(Wire origin, params Part[] parts) => new() { Origin = origin, Candidates = [new Candidate(0, parts, FinishReason.Stop)] };

    [Fact]
    public void ReadResponse_Counts_AreInTheGatewaysConvention() => ReadResponse("""
        {"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":60,
         "toolUsePromptTokenCount":7,"candidatesTokenCount":20,"thoughtsTokenCount":30,"totalTokenCount":157}}
        """).Usage.ShouldBe(new Usage(UsageSource.Reported, 107, 60, 0, 50, 30));

    [Fact]
    public void ReadResponse_CallsThatSayStop_FinishForTheirTools()
    {
        Candidate candidate = ReadResponse("""
            {"responseId":"r/1","candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"a","args":{"x":1}},"thoughtSignature":"c2ln"},
             {"functionCall":{"name":"a","args":{}}}]},"finishReason":"STOP"}]}
            """).Candidates[0];

        candidate.Finish.ShouldBe(FinishReason.ToolCalls);
        candidate.Parts.ShouldBe([new ToolCallPart("call_r1_0", "a", """{"x":1}""") { Signature = "c2ln" }, new ToolCallPart("call_r1_1", "a", "{}")]);
    }

    [Theory]
    [InlineData("MAX_TOKENS", FinishReason.Length)]
    [InlineData("SAFETY", FinishReason.ContentFilter)]
    [InlineData("RECITATION", FinishReason.ContentFilter)]
    [InlineData("MALFORMED_FUNCTION_CALL", FinishReason.Other)]
    [InlineData("SOMETHING_NEW", FinishReason.Other)]
    public void ReadResponse_Reasons_KeepTheirMeaningAndTheirWord(string reason, FinishReason finish)
    {
        GenerationResponse response = ReadResponse($$"""{"candidates":[{"finishReason":"{{reason}}"}]}""");
        response.Candidates[0].Finish.ShouldBe(finish);
        WriteResponse(response).GetProperty("candidates")[0].GetProperty("finishReason").GetString().ShouldBe(reason);
    }

    [Fact]
    public void ReadResponse_RefusedPrompt_IsAFilteredAnswer()
    {
        const string Feedback = """{"blockReason":"PROHIBITED_CONTENT","blockReasonMessage":"no"}""";
        GenerationResponse response = ReadResponse($$"""{"promptFeedback":{{Feedback}},"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3},"modelVersion":"g"}""");

        response.Candidates.ShouldHaveSingleItem().Finish.ShouldBe(FinishReason.ContentFilter);
        JsonElement written = WriteResponse(response);
        written.GetProperty("promptFeedback").GetRawText().ShouldBe(Feedback);
        written.TryGetProperty("candidates", out _).ShouldBeFalse();
    }

    [Fact]
    public void ReadResponse_Sources_AreCountedInCharacters()
    {
        TextPart text = ReadResponse("""
            {"candidates":[{"content":{"parts":[{"text":"Åse bor i Øst."}]},"finishReason":"STOP","groundingMetadata":{
              "groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"web":{"uri":"https://b","title":"B"}}],
              "groundingSupports":[{"segment":{"startIndex":11,"endIndex":16,"text":"Øst."},"groundingChunkIndices":[0]}]}}]}
            """).Candidates[0].Parts[0].ShouldBeOfType<TextPart>();

        text.Citations.Select(c => (c.Url, c.Title, c.Start, c.End)).ShouldBe([("https://a", "A", 10, 14), ("https://b", "B", null, null)]);
    }

    [Fact]
    public void WriteResponse_SourcesOfAnotherWire_AreGroundingInBytes()
    {
        GenerationResponse response = Of(Wire.OpenAIChat, new TextPart("Åse bor i Øst.") { Citations = [new Citation { Url = "https://a", Title = "A", Start = 10, End = 14 }] });
        JsonElement support = WriteResponse(response).GetProperty("candidates")[0].GetProperty("groundingMetadata").GetProperty("groundingSupports")[0];
        Normal(support).ShouldBe(Normal(Json("""{"segment":{"startIndex":11,"endIndex":16,"text":"Øst."},"groundingChunkIndices":[0]}""")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WriteResponse_AnothersSignature_ComesBackFromTheClientAsItWas(bool redacted)
    {
        var thought = new ReasoningPart(redacted ? "" : "hm") { Signature = "EqoB+/=", Origin = Wire.AnthropicMessages, Redacted = redacted };
        JsonElement content = WriteResponse(Of(Wire.AnthropicMessages, thought, new TextPart("Hi"))).GetProperty("candidates")[0].GetProperty("content");
        // Clients decode the field, so it must be base64 whatever is in it.
        Convert.FromBase64String(content.GetProperty("parts")[0].GetProperty("thoughtSignature").GetString()!);

        GenerationRequest next = ReadRequest($$"""{"contents":[{{content.GetRawText()}}]}""");

        next.Messages[0].Parts[0].ShouldBe(thought);
    }

    [Fact]
    public void WriteResponse_Refusal_IsTextAndSaysSo()
    {
        var notes = new ConversionNotes();
        JsonElement candidate = WriteResponse(
            new GenerationResponse { Origin = Wire.OpenAIChat, Candidates = [new Candidate(0, [new RefusalPart("No.")], FinishReason.Refusal)] }, notes).GetProperty("candidates")[0];

        candidate.GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString().ShouldBe("No.");
        candidate.GetProperty("finishReason").GetString().ShouldBe("SAFETY");
        notes.Reasons.ShouldHaveSingleItem().What.ShouldBe("refusal");
    }

    [Fact]
    public void Logprobs_ThereAndBack_AreTheSame()
    {
        const string Result = """
            {"chosenCandidates":[{"token":"é","logProbability":-0.5}],"topCandidates":[{"candidates":[{"token":"é","logProbability":-0.5},{"token":"e","logProbability":-2}]}]}
            """;
        GenerationResponse response = ReadResponse($$"""{"candidates":[{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP","logprobsResult":{{Result}}}]}""");

        response.Candidates[0].Logprobs.GetProperty("content")[0].GetProperty("bytes").GetRawText().ShouldBe("[195,169]");
        Normal(WriteResponse(response).GetProperty("candidates")[0].GetProperty("logprobsResult")).ShouldBe(Normal(Json(Result)));
    }

    [Fact]
    public void ReadResponse_NotAnAnswer_IsRefused() => Should.Throw<GenerationFormatException>(() => ReadResponse("""{"hello":1}"""));
}
