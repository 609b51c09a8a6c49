using System.Diagnostics;
using Gateway.E2E.Hosting;
using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>The official <c>openai</c> package of npm against the running product, in a Node process.</summary>
public sealed class NpmSdkTests(RunningGateway gateway, ScriptedUpstream upstream) : IClassFixture<RunningGateway>, IClassFixture<ScriptedUpstream>
{
    private static readonly string Folder = Path.Combine(Repository.Tests, "Sdk", "npm");

    [Fact]
    public async Task OpenAIPackage_AgainstTheGateway_BehavesAsWithOpenAI()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "openai")))
        {
            await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        }
        await gateway.RegisterAsync(upstream, "stub-large", "stub-embed", "tools", "endless");
        string limited = await gateway.CreateAsync("keys", new { name = "limited", rpm_limit = 1 }, "key");
        await RunAsync("node", ["--test", "sdk.test.mjs"], ("GATEWAY_URL", gateway.Url), ("GATEWAY_KEY", gateway.Key), ("GATEWAY_LIMITED_KEY", limited));
        // The last of its tests goes away in the middle of a stream; the upstream must have been told.
        await upstream.CallerGone.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }

    private static async Task RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start; Node.js 20 or later is needed.");
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        string written = await output + await errors;
        TestContext.Current.TestOutputHelper?.WriteLine(written);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{written}");
    }
}
