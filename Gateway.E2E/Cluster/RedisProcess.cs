using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Gateway.E2E.Cluster;

/// <summary>A Redis of the test's own; without the program the test is skipped.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private const string Program = "/usr/bin/redis-server";

    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-e2e-redis-").FullName;
    private readonly Process _process;

    private RedisProcess(int port)
    {
        Url = $"redis://127.0.0.1:{port}/0";
        _process = Process.Start(new ProcessStartInfo(
            Program,
            ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _directory])
        {
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public string Url { get; }

    public static async Task<RedisProcess> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed: no Redis to test on.");
        int port = FreePort.Next();
        var redis = new RedisProcess(port);
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return redis;
            }
            catch (SocketException)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
