using Gateway.E2E.Hosting;
using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>The official <c>openai</c> package of npm against the running product, in a Node process.</summary>
public sealed class NpmSdkTests(RunningGateway gateway, ScriptedUpstream upstream) : IClassFixture<RunningGateway>, IClassFixture<ScriptedUpstream>
{
    [Fact]
    public async Task OpenAIPackage_AgainstTheGateway_BehavesAsWithOpenAI()
    {
        await gateway.RegisterAsync(upstream, "stub-large", "stub-embed", "tools", "endless", "stub-voice", "stub-image", "stub-guard");
        string limited = await gateway.CreateAsync("keys", new { name = "limited", rpm_limit = 1 }, "key");
        await NpmProject.TestAsync("capabilities.test.mjs", ("GATEWAY_URL", gateway.Url), ("GATEWAY_KEY", gateway.Key));
        await NpmProject.TestAsync("sdk.test.mjs", ("GATEWAY_URL", gateway.Url), ("GATEWAY_KEY", gateway.Key), ("GATEWAY_LIMITED_KEY", limited));
        // The last of its tests goes away in the middle of a stream; the upstream must have been told.
        await upstream.CallerGone.Task.WaitAsync(Eventually.Limit, TestContext.Current.CancellationToken);
    }
}
