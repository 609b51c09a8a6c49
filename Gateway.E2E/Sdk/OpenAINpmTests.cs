using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>The clients of OpenAI's wires that npm has, against the running product, in a Node process each.</summary>
public sealed class OpenAINpmTests(AnthropicSdkTests.Setup setup) : IClassFixture<AnthropicSdkTests.Setup>
{
    [Theory]
    [InlineData("responses.test.mjs")]
    [InlineData("vercel-openai.test.mjs")]
    [InlineData("langchain-openai.test.mjs")]
    public Task Package_AgainstTheGateway_BehavesAsWithOpenAI(string file) =>
        NpmProject.TestAsync(file, ("GATEWAY_URL", setup.Gateway.Url), ("GATEWAY_KEY", setup.Gateway.Key));
}
