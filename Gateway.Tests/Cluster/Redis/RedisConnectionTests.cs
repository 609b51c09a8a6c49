using System.Net;
using System.Net.Sockets;
using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Redis;

/// <summary>The end of a connection, which whichever of its loops sees it first brings about, while the others go on.</summary>
public sealed class RedisConnectionTests
{
    private const int Waiting = 4000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ClosedWhileManyCommandsWait_EachIsToldAndTheEndIsSeen()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string large = new('x', 1000);
        for (int round = 0; round < 50; round++)
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 4096 };
            await socket.ConnectAsync(listener.LocalEndpoint, Cancel);
            // Reads nothing, so that most commands are not written yet.
            using Socket server = await listener.AcceptSocketAsync(Cancel);
            await using var connection = new RedisConnection(socket, new NetworkStream(socket, ownsSocket: true), TimeSpan.FromMinutes(1), pushed: null, TimeProvider.System);
            connection.Start();
            Task<RedisReply>[] replies = [.. Enumerable.Range(0, Waiting).Select(_ => connection.SendAsync(new RespCommand("ECHO", large)))];

            connection.Close("enough");

            (await Task.WhenAll(replies).WaitAsync(Eventually.Limit, Cancel)).ShouldAllBe(r => r.Text == "enough");
            await connection.Closed.WaitAsync(Eventually.Limit, Cancel);
        }
    }

    // The loop that reads has ended then, so that no reply would ever come, nor would anybody see that none comes.
    [Fact]
    public async Task ReceiverThatThrows_EndsTheConnection_AndIsTold()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        (RedisConnection? connection, string problem) = await new RedisDialer(server.Settings(), TimeProvider.System)
            .OpenAsync(_ => throw new KeyNotFoundException("Nobody thought of this."), Cancel);
        connection.ShouldNotBeNull(problem);
        (await connection.SendAsync(new RespCommand("SUBSCRIBE", "c"))).IsAnswer.ShouldBeTrue();

        await server.AskAsync("PUBLISH", "c", "word");

        await connection.Closed.WaitAsync(Eventually.Limit, Cancel);
        (await connection.SendAsync(new RespCommand("PING")).WaitAsync(Eventually.Limit, Cancel)).IsAnswer.ShouldBeFalse();
        await Should.ThrowAsync<KeyNotFoundException>(async () => await connection.DisposeAsync());
    }
}
