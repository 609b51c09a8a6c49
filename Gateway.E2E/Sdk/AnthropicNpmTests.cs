using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>The clients of npm that speak Anthropic's wire, and OpenAI's in front of it, against the running product, in a Node process each.</summary>
public sealed class AnthropicNpmTests(AnthropicSdkTests.Setup setup) : IClassFixture<AnthropicSdkTests.Setup>
{
    [Theory]
    [InlineData("anthropic.test.mjs")]
    [InlineData("vercel-anthropic.test.mjs")]
    [InlineData("langchain-anthropic.test.mjs")]
    [InlineData("openai-behind-anthropic.test.mjs")]
    public Task Package_AgainstTheGateway_BehavesAsWithAnthropic(string file) =>
        NpmProject.TestAsync(file, ("GATEWAY_URL", setup.Gateway.Url), ("GATEWAY_KEY", setup.Gateway.Key));
}
