using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Providers.OpenAI.Chat;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Providers.OpenAI.Chat;

public sealed class ChatUsageTests
{
    // xAI counts reasoning beside the completion, others in it; the total tells.
    [Theory]
    [InlineData("""{"prompt_tokens":10120,"completion_tokens":1499,"total_tokens":14428,"completion_tokens_details":{"reasoning_tokens":2809}}""", 10120, 4308, 2809)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":40,"total_tokens":50,"completion_tokens_details":{"reasoning_tokens":30}}""", 10, 40, 30)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":40,"completion_tokens_details":{"reasoning_tokens":30}}""", 10, 40, 30)]
    public void Read_Reasoning_CountsOnce(string json, long input, long output, long reasoning) =>
        ChatUsage.Read(JsonElement.Parse(json)).ShouldBe(new Usage(UsageSource.Reported, input, 0, 0, output, reasoning));
}
