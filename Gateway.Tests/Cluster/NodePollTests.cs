using Gateway.Web.Cluster;
using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster;

public sealed class NodePollTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ask_NodeThatTellsNoMore_IsShownNoMore()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        var time = new LaterTime();
        await using Node one = await Node.StartAsync(server, "one", time);
        await using (Node two = await Node.StartAsync(server, "two", time))
        {
            await Eventually.TrueAsync(async () => (await one.Poll.AskAsync(Cancel)).Count > 0);
            NodeAnswer<string> told = (await one.Poll.AskAsync(Cancel)).ShouldHaveSingleItem();
            (told.Node, told.Items.ShouldHaveSingleItem()).ShouldBe(("two", "of two"));
        }

        // Again, in case that a last word of it was still on its way.
        await Eventually.TrueAsync(async () =>
        {
            time.Later += TimeSpan.FromSeconds(4);
            return (await one.Poll.AskAsync(Cancel)).Count == 0;
        });
    }

    private sealed record Node(NodePoll<string> Poll, RedisLink Link, Task Listening, CancellationTokenSource End) : IAsyncDisposable
    {
        public static async Task<Node> StartAsync(RedisServer server, string name, TimeProvider time)
        {
            RedisSettings settings = server.Settings();
            var dialer = new RedisDialer(settings, TimeProvider.System);
            var link = new RedisLink(settings, dialer, TimeProvider.System, new Random(1), new LogLines<RedisLink>());
            await link.StartAsync(Cancel);
            await Eventually.TrueAsync(() => link.IsUp);
            var poll = new NodePoll<string>("gateway:test", () => [$"of {name}"], obey: null, link, dialer, name, time, new Random(1));
            var end = new CancellationTokenSource();
            return new Node(poll, link, poll.RunAsync(end.Token), end);
        }

        public async ValueTask DisposeAsync()
        {
            await End.CancelAsync();
            await Listening;
            await Link.StopAsync(CancellationToken.None);
            Link.Dispose();
            End.Dispose();
        }
    }
}
