using System.Diagnostics;
using System.Text.Json.Nodes;
using Gateway.E2E.Hosting;
using Gateway.E2E.Sdk;
using Xunit;

namespace Gateway.E2E.SignIn;

/// <summary>A gateway with two certified OpenID Connect providers (npm's oidc-provider): <c>acme</c> and <c>globex</c>.</summary>
public sealed class OidcServers : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(Repository.Tests, "SignIn", "npm");

    private Process? _process;

    public RunningGateway Gateway { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await NpmProject.InstallAsync(Folder);
        var start = new ProcessStartInfo("node", ["server.mjs", Gateway.Url])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("node did not start; Node.js 20 or later is needed.");
        // Nobody reads its warnings, which must not fill the pipe.
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        string? line;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line?.StartsWith('{') == false);
        JsonNode issuers = JsonNode.Parse(line ?? throw new InvalidOperationException("The providers ended at once."))!;
        foreach (string name in new[] { "acme", "globex" })
        {
            Gateway.Settings[$"Gateway__SignIn__Providers__{name}__Authority"] = issuers[name]!.GetValue<string>();
            Gateway.Settings[$"Gateway__SignIn__Providers__{name}__ClientId"] = "console";
            Gateway.Settings[$"Gateway__SignIn__Providers__{name}__ClientSecret"] = "the-secret";
            Gateway.Settings[$"Gateway__SignIn__Providers__{name}__Scopes"] = "profile email groups";
        }
        Gateway.Settings["Gateway__SignIn__Providers__acme__DisplayName"] = "Acme";
        Gateway.Settings["Gateway__SignIn__Providers__globex__DisplayName"] = "Globex";
        Gateway.Settings["Gateway__SignIn__Rules__0__Provider"] = "acme";
        Gateway.Settings["Gateway__SignIn__Rules__0__Claim"] = "groups";
        Gateway.Settings["Gateway__SignIn__Rules__0__Value"] = "admins";
        Gateway.Settings["Gateway__SignIn__Rules__0__Role"] = "administrator";
        await Gateway.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
