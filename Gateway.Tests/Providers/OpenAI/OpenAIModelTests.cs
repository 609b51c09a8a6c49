using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Providers.OpenAI;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.OpenAI;

/// <summary>OpenAI answers 400 to an effort that a model does not take, so a translated request must not ask for one.</summary>
public class OpenAIModelTests
{
    [Theory]
    [InlineData("gpt-5", ReasoningEffort.None, ReasoningEffort.Minimal)]
    [InlineData("gpt-5-mini-2025-08-07", ReasoningEffort.XHigh, ReasoningEffort.High)]
    [InlineData("openai/gpt-5-nano", ReasoningEffort.Minimal, ReasoningEffort.Minimal)]
    [InlineData("gpt-5.1", ReasoningEffort.Minimal, ReasoningEffort.Low)]
    [InlineData("gpt-5.1-2025-11-13", ReasoningEffort.None, ReasoningEffort.None)]
    [InlineData("gpt-5.2", ReasoningEffort.XHigh, ReasoningEffort.XHigh)]
    [InlineData("o3", ReasoningEffort.None, ReasoningEffort.Low)]
    [InlineData("o4-mini", ReasoningEffort.High, ReasoningEffort.High)]
    [InlineData("my-deployment", ReasoningEffort.Minimal, ReasoningEffort.Minimal)]
    [InlineData("ollama-model", ReasoningEffort.None, ReasoningEffort.None)]
    public void Effort_OfAModelThatReasons_IsTheNearestThatItTakes(string model, ReasoningEffort asked, ReasoningEffort taken)
    {
        var notes = new ConversionNotes();

        OpenAIModel.Of(model).Effort(asked, notes).ShouldBe(taken);

        notes.Lossy.ShouldBeFalse();
        notes.Bridged.ShouldBe(asked != taken);
    }

    [Theory]
    [InlineData("gpt-4o")]
    [InlineData("gpt-4.1-mini")]
    [InlineData("gpt-5-chat-latest")]
    [InlineData("chatgpt-4o-latest")]
    [InlineData("gpt-3.5-turbo")]
    public void Effort_OfAModelThatDoesNotReason_IsNoneAndSaidToBeLostOnlyIfItWasWanted(string model)
    {
        var notes = new ConversionNotes();
        OpenAIModel.Of(model).Effort(ReasoningEffort.None, notes).ShouldBeNull();
        OpenAIModel.Of(model).Effort(null, notes).ShouldBeNull();
        notes.Lossy.ShouldBeFalse();

        OpenAIModel.Of(model).Effort(ReasoningEffort.High, notes).ShouldBeNull();
        notes.Lost.ShouldBe("reasoning");
    }
}
