using System.Diagnostics;
using System.Globalization;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.CommandLine;

/// <summary><c>mock</c> and <c>ask</c>, each as a process of its own, talking to each other.</summary>
public sealed class AskCommandTests : IAsyncLifetime
{
    private readonly int _port = FreePort.Next();
    private Process _mock = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Url => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{_port}");

    public async ValueTask InitializeAsync()
    {
        _mock = Start(["mock", _port.ToString(CultureInfo.InvariantCulture)]);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(Url) };
        await Eventually.TrueAsync(() => IsReadyAsync(client));
    }

    public async ValueTask DisposeAsync()
    {
        _mock.Kill();
        await _mock.WaitForExitAsync(CancellationToken.None);
        _mock.Dispose();
        Directories.Remove(Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"gateway-mock-{_port}")));
    }

    [Fact]
    public async Task Ask_AModelThatThinks_PrintsSummariesAndAnswerInOrder()
    {
        (int code, string output, string errors) = await RunAsync("--url", Url, "--model", "sim-reasoning", "--wake", "Why is the sky blue?");

        (code, errors).ShouldBe((0, ""));
        string[] marks = ["Upstreams: reachable", "sim-reasoning is awake.", "1) Summary of the prompt", "2) Summary of the model's reasoning", "3) Final output", "[done]"];
        marks.Select(m => output.IndexOf(m, StringComparison.Ordinal)).ShouldBe(marks.Select(m => output.IndexOf(m, StringComparison.Ordinal)).Order());
        marks.ShouldAllBe(m => output.Contains(m));
    }

    [Fact]
    public async Task Ask_AModelThatIsNotThere_SaysWhatTheGatewaySays()
    {
        (int code, string output, string errors) = await RunAsync("--url", Url, "--model", "nobody", "Hello?");

        (code, output).ShouldBe((1, ""));
        errors.ShouldStartWith("404 NotFound: ");
        errors.ShouldContain("nobody");
    }

    [Fact]
    public async Task Ask_NobodyListens_SaysWhereItAsked()
    {
        (int code, string output, string errors) = await RunAsync("--url", "http://localhost:1", "Hello?");

        (code, output).ShouldBe((1, ""));
        errors.ShouldStartWith("http://localhost:1/ cannot be reached: ");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task Ask_WithoutAQuestion_ExplainsItself()
    {
        (int code, string output, string errors) = await RunAsync("--wake");

        (code, output).ShouldBe((2, ""));
        errors.ShouldContain("usage: Gateway.Web ask");
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using HttpResponseMessage ready = await client.GetAsync("/readyz", Cancel);
            return ready.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] args)
    {
        using Process process = Start(["ask", .. args]);
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel);
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output, await errors);
    }

    private static Process Start(string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Product, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["GATEWAY_API_KEY"] = "";
        start.Environment["FRIENDLI_ENDPOINT_ID"] = "";
        // Another gateway's: the simulated upstream must not touch them.
        start.Environment["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/none";
        start.Environment["REDIS_URL"] = "redis://127.0.0.1:1";
        return Process.Start(start)!;
    }
}
