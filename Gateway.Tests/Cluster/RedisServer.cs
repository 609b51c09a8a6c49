using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.Web.Cluster.Redis;
using Xunit;

namespace Gateway.Tests.Cluster;

/// <summary>A Redis of the test's own on a free port, without persistence; skips the test where the program is not installed.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/redis-server";

    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-redis-").FullName;
    private readonly string[] _options;
    private Process? _process;

    private RedisServer(string[] options)
    {
        _options = options;
        Port = FreePort.Next();
    }

    public int Port { get; }
    public string Url => $"redis://127.0.0.1:{Port}/0";

    /// <param name="options">As on its command line.</param>
    public static async Task<RedisServer> StartAsync(params string[] options)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed: no Redis to test on.");
        var server = new RedisServer(options);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>With an empty memory, as after a kill.</summary>
    public async Task StartAgainAsync()
    {
        string[] plain = _options.Contains("--port") ? [] : ["--port", Port.ToString(CultureInfo.InvariantCulture)];
        _process = Process.Start(new ProcessStartInfo(Program, ["--save", "", "--appendonly", "no", "--dir", _directory, "--bind", "127.0.0.1", .. plain, .. _options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>The process stands still: connections stay open, nothing is answered.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>One command on a connection of its own, past everything that is tested.</summary>
    public async Task<RedisReply> AskAsync(params string[] words)
    {
        RedisSettings settings = Settings();
        (RedisConnection? connection, string problem) = await new RedisDialer(settings, TimeProvider.System).OpenAsync(null, TestContext.Current.CancellationToken);
        Assert.True(connection is not null, problem);
        await using RedisConnection owned = connection;
        return await connection.SendAsync(new RespCommand(words));
    }

    public RedisSettings Settings(bool failsOpen = true, string? url = null)
    {
        Assert.True(RedisEndpoint.TryParse(url ?? Url, out RedisEndpoint? endpoint, out string? error), error);
        // Few processors, many tests at once: it is not silent because it is slow. One that is killed is noticed by its connection.
        return new RedisSettings { Endpoint = endpoint, FailsOpen = failsOpen, Timeout = Eventually.Limit };
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }
        Directories.Remove(_directory);
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
