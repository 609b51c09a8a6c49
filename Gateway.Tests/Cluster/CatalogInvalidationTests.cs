using Gateway.Web.Cluster;
using Gateway.Web.Cluster.Redis;
using Gateway.Web.Storage.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster;

public sealed class CatalogInvalidationTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_OnOneNode_WakesTheOtherAndNotItself()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ListeningNode one = await ListeningNode.StartAsync(server);
        await using ListeningNode two = await ListeningNode.StartAsync(server);
        Task waiting = two.Signal.WaitAsync(6, Long, TimeProvider.System, Cancel);
        Task itself = one.Signal.WaitAsync(7, Long, TimeProvider.System, Cancel);

        one.Signal.Announce(7);
        await waiting.WaitAsync(Eventually.Limit, Cancel);

        itself.IsCompleted.ShouldBeFalse();
        await server.AskAsync("PUBLISH", CatalogInvalidation.Channel, "not a number");
        await itself.WaitAsync(Eventually.Limit, Cancel);
    }

    [Fact]
    public async Task RedisRestarted_EveryNodeLooksOnceMore()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ListeningNode node = await ListeningNode.StartAsync(server);
        Task waiting = node.Signal.WaitAsync(1000, Long, TimeProvider.System, Cancel);

        await server.KillAsync();
        node.Signal.Announce(1001);
        waiting.IsCompleted.ShouldBeFalse();
        await server.StartAgainAsync();

        await waiting.WaitAsync(Eventually.Limit, Cancel);
    }

    [Fact]
    public async Task WaitAsync_NobodySaysAnything_EndsWithTheInterval()
    {
        using var signal = new CatalogSignal();
        signal.LookNow(5);

        // Known already: not worth a look.
        await signal.WaitAsync(5, TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
    }

    private sealed record ListeningNode(CatalogSignal Signal, RedisLink Link, CatalogInvalidation Invalidation) : IAsyncDisposable
    {
        /// <summary>Returns when it listens: its own first subscription has woken it.</summary>
        public static async Task<ListeningNode> StartAsync(RedisServer server)
        {
            RedisSettings settings = server.Settings();
            var dialer = new RedisDialer(settings, TimeProvider.System);
            var signal = new CatalogSignal();
            var link = new RedisLink(settings, dialer, TimeProvider.System, new Random(1), new LogLines<RedisLink>());
            await link.StartAsync(Cancel);
            var invalidation = new CatalogInvalidation(signal, link, dialer, TimeProvider.System, new Random(1));
            await invalidation.StartAsync(Cancel);
            await signal.WaitAsync(0, Long, TimeProvider.System, Cancel);
            return new ListeningNode(signal, link, invalidation);
        }

        public async ValueTask DisposeAsync()
        {
            await Invalidation.StopAsync(CancellationToken.None);
            await Link.StopAsync(CancellationToken.None);
            Invalidation.Dispose();
            Link.Dispose();
            Signal.Dispose();
        }
    }
}
