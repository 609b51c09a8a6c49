using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.E2E.Hosting;
using Xunit;

namespace Gateway.E2E.Sdk;

/// <summary>The Node project beside this file: its packages, and its test files run in a Node process each.</summary>
internal static class NpmProject
{
    private static readonly string Folder = Path.Combine(Repository.Tests, "Sdk", "npm");
    private static readonly SemaphoreSlim Installing = new(1);

    /// <summary>Runs a file of tests; fails with all that it wrote, and where a test hangs.</summary>
    public static async Task TestAsync(string file, params (string Name, string Value)[] environment)
    {
        await InstallAsync(Folder);
        await RunAsync(Folder, "node", ["--test", string.Create(CultureInfo.InvariantCulture, $"--test-timeout={Eventually.Limit.TotalMilliseconds:0}"), file], environment);
    }

    /// <summary>Fetches the packages of a Node project as its lock file names them, unless they are there.</summary>
    public static async Task InstallAsync(string folder)
    {
        await Installing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!IsInstalled(folder))
            {
                await RunAsync(folder, "npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
            }
        }
        finally
        {
            Installing.Release();
        }
    }

    private static bool IsInstalled(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "package.json")))!["dependencies"]!.AsObject()
            .All(d => Directory.Exists(Path.Combine(folder, "node_modules", d.Key)));

    private static async Task RunAsync(string folder, string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
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
