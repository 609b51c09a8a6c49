using System.Net;
using System.Net.Sockets;

namespace Gateway.Tests.Storage;

/// <summary>
/// What stands between a node and its database. Once it forgets, connections that are open, and those that are made meanwhile, stay
/// open and carry nothing any more; those that are made after it has come to its senses are as ever.
/// </summary>
internal sealed class ForgetfulLine : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _host;
    private readonly int _port;
    private readonly Task _serving;
    private CancellationTokenSource _memory = new();

    public ForgetfulLine(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Forget() => _memory.Cancel();

    public void Recover() => _memory = new CancellationTokenSource();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token), _memory.Token));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task CarryAsync(TcpClient client, CancellationToken memory)
    {
        using TcpClient near = client;
        using var far = new TcpClient();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(memory, _end.Token);
        try
        {
            await far.ConnectAsync(_host, _port, either.Token);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), either.Token), far.GetStream().CopyToAsync(near.GetStream(), either.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Forgotten, or one of the two has gone.
        }
        if (memory.IsCancellationRequested)
        {
            await Task.Delay(Timeout.Infinite, _end.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
