using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>Google's client in npm against the running product, in a Node process.</summary>
public sealed class GeminiNpmTests(AnthropicSdkTests.Setup setup) : IClassFixture<AnthropicSdkTests.Setup>
{
    [Fact]
    public Task GoogleGenAI_AgainstTheGateway_BehavesAsWithGoogle() =>
        NpmProject.TestAsync("gemini.test.mjs", ("GATEWAY_URL", setup.Gateway.Url), ("GATEWAY_KEY", setup.Gateway.Key));

    [Fact]
    public Task Npm_ToolLoopsOfOtherWires_KeepGeminisSignatures() =>
        NpmProject.TestAsync("behind-gemini.test.mjs", ("GATEWAY_URL", setup.Gateway.Url), ("GATEWAY_KEY", setup.Gateway.Key));
}
