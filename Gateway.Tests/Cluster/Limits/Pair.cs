namespace Gateway.Tests.Cluster.Limits;

/// <summary>A Redis with two nodes.</summary>
internal sealed record Pair(RedisServer Server, LimitNode[] Nodes) : IAsyncDisposable
{
    public LimitNode this[int index] => Nodes[index];

    public static async Task<Pair> StartAsync()
    {
        RedisServer server = await RedisServer.StartAsync();
        return new Pair(server, [await LimitNode.StartAsync(server.Settings()), await LimitNode.StartAsync(server.Settings())]);
    }

    public Task SettledAsync() => Task.WhenAll(Nodes.Select(n => n.SettledAsync()));

    public async ValueTask DisposeAsync()
    {
        foreach (LimitNode node in Nodes)
        {
            await node.DisposeAsync();
        }
        await Server.DisposeAsync();
    }
}
