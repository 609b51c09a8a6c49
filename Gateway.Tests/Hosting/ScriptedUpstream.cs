using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Tests.Hosting;

/// <summary>One request as the upstream saw it.</summary>
internal sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
{
    public string Body => Encoding.UTF8.GetString(Bytes);
}

/// <summary>
/// An upstream on a bare socket: it writes just the bytes that a test tells it to, in just the pieces, and can fall silent or
/// break off anywhere, which a web server would not let it.
/// </summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<UpstreamConnection, Task> _script;
    private readonly Task _accepting;

    private ScriptedUpstream(Func<UpstreamConnection, Task> script)
    {
        _script = script;
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }
    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    /// <summary>The script runs once for each request.</summary>
    public static ScriptedUpstream Start(Func<UpstreamConnection, Task> script) => new(script);

    public static ScriptedUpstream Json(string body, int status = 200, string headers = "") => Start(c => c.JsonAsync(body, status, headers));

    /// <summary>A well-formed stream of these data lines, an event a write.</summary>
    public static ScriptedUpstream Stream(params string[] data) => Start(async c =>
    {
        await c.StreamHeadAsync();
        foreach (string line in data)
        {
            await c.ChunkAsync($"data: {line}\n\n");
        }
        await c.EndAsync();
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException
            || (e is InvalidOperationException && _stop.IsCancellationRequested))
        {
            // Stopped; or between two connections, when the listener says that it listens no more.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                var connection = new UpstreamConnection(client, _stop.Token);
                while (await connection.ReadRequestAsync() is { } request)
                {
                    Seen.Enqueue(request);
                    await _script(connection);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The other side left, or the script broke the connection.
            }
        }
    }
}

/// <summary>What a script can do to the connection.</summary>
internal sealed class UpstreamConnection(TcpClient client, CancellationToken stop)
{
    private readonly NetworkStream _stream = client.GetStream();

    public CancellationToken Stop => stop;

    /// <summary>The request that is being answered.</summary>
    public SeenRequest? Last { get; private set; }

    public async Task<SeenRequest?> ReadRequestAsync()
    {
        var head = new List<byte>();
        byte[] one = new byte[1];
        while (!EndsHead(head))
        {
            if (await _stream.ReadAsync(one, stop) == 0)
            {
                return null;
            }
            head.Add(one[0]);
        }
        string[] lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(l => l[0], l => l[1], StringComparer.OrdinalIgnoreCase);
        byte[] body = new byte[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 0];
        await _stream.ReadExactlyAsync(body, stop);
        return Last = new SeenRequest(lines[0].Split(' ')[0], lines[0].Split(' ')[1], headers, body);
    }

    public Task JsonAsync(string body, int status = 200, string headers = "") =>
        RawAsync($"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");

    public Task StreamHeadAsync() => RawAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");

    public Task ChunkAsync(string text) => ChunkAsync(Encoding.UTF8.GetBytes(text));

    public async Task ChunkAsync(ReadOnlyMemory<byte> bytes)
    {
        byte[] framed = [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes.Span, .. "\r\n"u8];
        await _stream.WriteAsync(framed, stop);
    }

    public Task EndAsync() => RawAsync("0\r\n\r\n");

    public async Task RawAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), stop);

    /// <summary>Closes in the middle: what was written before arrives all the same.</summary>
    public void Break() => client.Close();

    /// <summary>Closes with a reset, which takes along what the other side has not read yet.</summary>
    public void Reset()
    {
        client.LingerState = new LingerOption(true, 0);
        client.Close();
    }

    /// <summary>Waits until the gateway closes the connection.</summary>
    public async Task WaitForCloseAsync()
    {
        byte[] one = new byte[1];
        try
        {
            while (await _stream.ReadAsync(one, stop) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is a way to close, too.
        }
    }

    private static bool EndsHead(List<byte> head) => head.Count >= 4 && head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n';
}
