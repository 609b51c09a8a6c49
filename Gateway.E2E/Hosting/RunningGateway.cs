using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Gateway.E2E.Hosting;

/// <summary>
/// The product as a process of its own, started for the first time: a free port, an empty data directory, and the password
/// and key that it printed.
/// </summary>
public sealed partial class RunningGateway : IAsyncLifetime
{
    private const int MostOutput = 64 * 1024 * 1024;

    private readonly StringBuilder _output = new();
    private readonly string _data = Directory.CreateTempSubdirectory("gateway-e2e-").FullName;
    private readonly TaskCompletionSource _printed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _adminKey = Guid.NewGuid().ToString("N");
    private Process? _process;
    private readonly int _port = FreePort.Next();

    /// <summary>Without a trailing slash; known before the start.</summary>
    public string Url => $"http://127.0.0.1:{_port}";

    public string Password { get; private set; } = "";
    public string Key { get; private set; } = "";
    public string AdminKey => _adminKey;
    public string DataDirectory => _data;

    /// <summary>Further settings by their names in the environment; set them before it starts.</summary>
    public Dictionary<string, string> Settings { get; init; } = [];

    /// <summary>A database that was there before: no password and no key are printed.</summary>
    public bool IsFirstStart { get; init; } = true;

    public int ProcessId => _process!.Id;

    /// <summary>What the process holds in memory, in bytes; on Linux.</summary>
    public long ResidentBytes => 1024 * long.Parse(
        File.ReadLines($"/proc/{ProcessId}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(),
        System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync()
    {
        Launch();
        if (!IsFirstStart)
        {
            await WaitUntilReadyAsync();
            return;
        }
        Task first = await Task.WhenAny(_printed.Task, _process!.WaitForExitAsync(), Task.Delay(Eventually.Limit));
        if (first != _printed.Task)
        {
            throw new InvalidOperationException($"The gateway did not print its first-start notice. It wrote:\n{Output}");
        }
        await WaitUntilReadyAsync();
    }

    /// <summary>Ends the process as a power switch would (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Asks the process to stop (SIGTERM).</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>Sends it a signal, such as <c>HUP</c>.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(Eventually.Limit);
        await _process!.WaitForExitAsync(timeout.Token);
        int code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    /// <summary>Starts it again over the same data, at the same address, without waiting for it.</summary>
    public void Start() => Launch();

    /// <summary>Starts it again over the same data, at the same address.</summary>
    public async Task RestartAsync()
    {
        Launch();
        await WaitUntilReadyAsync();
    }

    private void Launch()
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Product])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(Repository.Product),
        };
        foreach (string inherited in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(inherited);
        }
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["Gateway__Port"] = _port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["Gateway__DataDirectory"] = _data;
        start.Environment["Gateway__AdminKey"] = _adminKey;
        start.Environment["Gateway__RateLimits__DefaultRpm"] = "0";
        start.Environment["Gateway__RateLimits__DefaultTpm"] = "0";
        start.Environment["Gateway__Upstreams__RetryBackoff"] = "50ms";
        // Tests of clients ask models that always fail, one test after the other: what the upstream says has to arrive each time.
        start.Environment["Gateway__Upstreams__Breaker__ConsecutiveFailures"] = "0";
        start.Environment["Gateway__Upstreams__Breaker__FailureRate"] = "0";
        // Long enough for whoever finds out on a busy machine that it stops.
        start.Environment["Gateway__Shutdown__Delay"] = "10s";
        foreach ((string name, string value) in Settings)
        {
            start.Environment[name] = value;
        }
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        _process.OutputDataReceived += (_, e) => OnLine(e.Data);
        _process.ErrorDataReceived += (_, e) => OnLine(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Everything that the process has written so far; of very much the last part.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Creates an entry by way of the admin API, for example <c>models</c>.</summary>
    /// <returns>Its id, or what stands under <paramref name="result"/>.</returns>
    public async Task<string> CreateAsync(string list, object entry, string result = "id")
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Url}/admin/v1/{list}") { Content = JsonContent.Create(entry) };
        request.Headers.Add("X-Admin-Key", _adminKey);
        using HttpResponseMessage answer = await client.SendAsync(request);
        string body = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(body)![result]!.GetValue<string>()
            : throw new InvalidOperationException($"{list}: {(int)answer.StatusCode} {body}");
    }

    /// <summary>An answer of the admin API.</summary>
    public async Task<JsonNode> GetAsync(string path)
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Url}/admin/v1/{path}");
        request.Headers.Add("X-Admin-Key", _adminKey);
        using HttpResponseMessage answer = await client.SendAsync(request);
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
    }

    /// <summary>Makes each of the upstream's models known under its own name.</summary>
    public async Task RegisterAsync(ScriptedUpstream upstream, params string[] models)
    {
        await CreateAsync("providers", new { name = "scripted", kind = "openai-compatible", base_url = upstream.Url });
        foreach (string model in models)
        {
            string id = await CreateAsync("models", new { name = model });
            await CreateAsync($"models/{id}/backends", new { provider = "scripted" });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process?.Dispose();
        Directories.Remove(_data);
    }

    private async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        using var timeout = new CancellationTokenSource(Eventually.Limit);
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync($"{Url}/readyz", timeout.Token);
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

    private void OnLine(string? line)
    {
        lock (_output)
        {
            if (_output.Length > MostOutput)
            {
                // Hours under load write gigabytes.
                _output.Clear();
            }
            _output.AppendLine(line);
            if (_printed.Task.IsCompleted || !IsFirstStart)
            {
                return;
            }
            string text = _output.ToString();
            if (Password.Length == 0 && PasswordLine().Match(text) is { Success: true } password)
            {
                Password = password.Groups[1].Value;
            }
            if (Key.Length == 0 && KeyLine().Match(text) is { Success: true } key)
            {
                Key = key.Groups[1].Value;
            }
        }
        if (Password.Length > 0 && Key.Length > 0)
        {
            _printed.TrySetResult();
        }
    }

    // Whatever the caller's shell sets for a gateway of its own must not reach this one.
    private static bool IsSetting(string name) =>
        name.StartsWith("Gateway__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Database__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("OMNI_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || name is "DOTNET_ENVIRONMENT" or "PORT" or "DATABASE_URL" or "REDIS_URL" or "ADMIN_API_KEY" or "LOG_LEVEL" or "LOG_FORMAT";

    [GeneratedRegex(@"Password\s+(\S+)")]
    private static partial Regex PasswordLine();

    [GeneratedRegex(@"API key\s+(ml-\S+)")]
    private static partial Regex KeyLine();
}
