using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Relay;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Relay;

public class AnswerReaderTests
{
    [Theory]
    [InlineData("""{"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}}""", 10, 0, 4, 0)]
    [InlineData("""{"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":6,"audio_tokens":null},"completion_tokens_details":{"reasoning_tokens":3}}}""", 10, 6, 4, 3)]
    [InlineData("""{"usage":{"prompt_tokens":10,"completion_tokens":4,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}}""", 10, 8, 4, 0)]
    [InlineData("""{"usage":null,"x_groq":{"id":"r","usage":{"prompt_tokens":10,"completion_tokens":4}}}""", 10, 0, 4, 0)]
    [InlineData("""{"usage":{"prompt_tokens":8,"total_tokens":8}}""", 8, 0, 0, 0)]
    [InlineData("""{"usage":{"prompt_tokens":7.0,"completion_tokens":2.0,"completion_tokens_details":null}}""", 7, 0, 2, 0)]
    [InlineData("""{"usage":{"prompt_tokens":10120,"completion_tokens":1499,"total_tokens":14428,"completion_tokens_details":{"reasoning_tokens":2809}}}""", 10120, 0, 4308, 2809)]
    [InlineData("""{"usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14,"cached_tokens":6,"reasoning_tokens":3}}""", 10, 6, 4, 3)]
    public void TryRead_UsageOfEveryVariant_IsRead(string json, long input, long cached, long output, long reasoning)
    {
        AnswerFacts facts = Read(json);

        facts.HasUsage.ShouldBeTrue();
        facts.Usage.ShouldBe(new Usage(UsageSource.Reported, input, cached, 0, output, reasoning));
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"x"}}]}""", true)]
    [InlineData("""{"choices":[{"delta":{"reasoning_content":"x"}}]}""", true)]
    [InlineData("""{"choices":[{"delta":{"tool_calls":[{"id":"1"}]}}]}""", true)]
    [InlineData("""{"choices":[{"text":"x"}]}""", true)]
    [InlineData("""{"choices":[{"delta":{"role":"assistant","content":"","tool_calls":[]}}]}""", false)]
    [InlineData("""{"choices":[{"delta":{"role":"assistant","content":null,"refusal":null}}]}""", false)]
    [InlineData("""{"choices":[],"prompt_filter_results":[{}]}""", false)]
    public void TryRead_Content_IsWhatAClientWaitsFor(string json, bool content) => Read(json).HasContent.ShouldBe(content);

    [Fact]
    public void TryRead_ModelAndErrorBelowTheTop_AreNotTakenForTheAnswersOwn()
    {
        AnswerFacts facts = Read("""{"choices":[{"message":{"content":"{\"model\":\"x\",\"error\":1}","model":"y","error":{"a":1}}}],"error":null,"model":"z"}""");

        facts.Error.Exists.ShouldBeFalse();
        facts.Model.Length.ShouldBe(3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":")]
    public void TryRead_NotOneObject_IsRefused(string json) => AnswerReader.TryRead(Encoding.UTF8.GetBytes(json), measure: false, out _).ShouldBeFalse();

    private static AnswerFacts Read(string json)
    {
        AnswerReader.TryRead(Encoding.UTF8.GetBytes(json), measure: true, out AnswerFacts facts).ShouldBeTrue();
        return facts;
    }
}
