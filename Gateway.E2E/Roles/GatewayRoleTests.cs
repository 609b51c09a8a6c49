using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Roles;

/// <summary>A node that only serves requests, started for the first time: it makes its database itself, and stays small.</summary>
public sealed class GatewayRoleTests
{
    private const string Declared = """
        providers: [{name: sim, kind: simulated, settings: {latency_ms: 0, tokens_per_second: 0}}]
        models: [{name: declared, backends: [{provider: sim}]}]
        keys: [{name: k, key: sk-declared, rpm_limit: 0}]
        """;

    private static readonly string[] OnlyForTheConsole =
        ["EntityFrameworkCore", "AspNetCore.Components", "AspNetCore.Mvc", "OpenApi", "Swashbuckle", "Radzen", "Npgsql", "SqlClient"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_EmptyDatabase_ServesWithoutLoadingWhatOnlyTheConsoleNeeds()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has loaded is read from /proc.");
        string data = Directory.CreateTempSubdirectory("gateway-role-").FullName;
        string file = Path.Combine(data, "gateway.yaml");
        await File.WriteAllTextAsync(file, Declared, Cancel);
        int port = FreePort.Next();
        using Process process = Launch(file, data, port);
        try
        {
            using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await WaitUntilReadyAsync(client);

            (await ChatAsync(client)).ShouldBe(HttpStatusCode.OK);

            File.Exists(Path.Combine(data, "gateway.db")).ShouldBeTrue();
            string[] loaded = [.. (await File.ReadAllLinesAsync($"/proc/{process.Id}/maps", Cancel)).Select(l => l.Split('/')[^1]).Where(n => n.EndsWith(".dll", StringComparison.Ordinal)).Distinct()];
            loaded.ShouldContain("Gateway.Web.dll");
            loaded.Where(n => OnlyForTheConsole.Any(n.Contains)).ShouldBeEmpty();
            loaded.ShouldNotContain("System.IO.FileSystem.Watcher.dll", "each write of the journal would wake a thread");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Cancel);
            Directories.Remove(data);
        }
    }

    private static Process Launch(string file, string data, int port)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Product, "serve", file]) { RedirectStandardOutput = true };
        start.Environment["Gateway__Role"] = "gateway";
        start.Environment["Gateway__Port"] = port.ToString(CultureInfo.InvariantCulture);
        start.Environment["Gateway__DataDirectory"] = data;
        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task WaitUntilReadyAsync(HttpClient client)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(Eventually.Limit);
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync("/readyz", timeout.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            await Task.Delay(100, timeout.Token);
        }
    }

    private static async Task<HttpStatusCode> ChatAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"model":"declared","messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-declared");
        using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
