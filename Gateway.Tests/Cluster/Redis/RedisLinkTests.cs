using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Web.Cluster.Redis;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Redis;

/// <summary>The client against a real server, and against one that breaks the rules.</summary>
public sealed class RedisLinkTests
{
    private static readonly RedisScript Add = new("return redis.call('INCRBY', KEYS[1], ARGV[1])");

    private readonly LogLines<RedisLink> _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_PipelinedByMany_EachGetsItsOwnReply()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RunningLink redis = await StartAsync(server.Settings());

        RedisReply[] replies = await Task.WhenAll(Enumerable.Range(0, 2000).Select(async i =>
        {
            await redis.Link.SendAsync(new RespCommand("SET", $"k{i}", $"v{i}"));
            await redis.Link.SendAsync(new RespCommand("INCRBY", "sum", "1"));
            return await redis.Link.SendAsync(new RespCommand("GET", $"k{i}"));
        }));

        replies.Select(r => r.Text).ShouldBe(Enumerable.Range(0, 2000).Select(i => $"v{i}"));
        (await redis.Link.SendAsync(new RespCommand("GET", "sum"))).Text.ShouldBe("2000");
        (await redis.Link.SendAsync(new RespCommand("INCRBY", "k1", "1"))).ErrorCode.ShouldBe("ERR");
        (await redis.Link.SendAsync(new RespCommand("GET", "nothing"))).Kind.ShouldBe(RedisReplyKind.Nil);
    }

    [Fact]
    public async Task Eval_ScriptThatRedisDoesNotKnowOrForgot_IsSentAlong()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RunningLink redis = await StartAsync(server.Settings());

        (await redis.AddAsync(5)).Integer.ShouldBe(5);
        (await redis.AddAsync(1)).Integer.ShouldBe(6);
        await server.AskAsync("SCRIPT", "FLUSH");
        (await redis.AddAsync(1)).Integer.ShouldBe(7);
    }

    [Fact]
    public async Task Killed_AndStartedAgain_IsFoundAgainWithALineForEachChange()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RunningLink redis = await StartAsync(server.Settings());

        await server.KillAsync();
        await Eventually.TrueAsync(() => !redis.Link.IsUp);
        // Whoever waited for an answer would wait a minute for each.
        for (int i = 0; i < 1000; i++)
        {
            (await redis.AddAsync(1)).Kind.ShouldBe(RedisReplyKind.None);
        }
        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => redis.Link.IsUp && _log.Lines.Count >= 3);

        (await redis.AddAsync(1)).Integer.ShouldBe(1);
        _log.Lines.Count.ShouldBe(3, string.Join('\n', _log.Lines));
        _log.Lines.ElementAt(1).ShouldContain("cannot be used");
        _log.Lines.ElementAt(2).ShouldContain("is back");
    }

    [Fact]
    public async Task Frozen_CommandsOnTheirWayAreGivenUpSoonAndLaterOnesAtOnce()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RunningLink redis = await StartAsync(server.Settings() with { Timeout = TimeSpan.FromSeconds(2) });

        await server.FreezeAsync();
        (await redis.AddAsync(1)).Kind.ShouldBe(RedisReplyKind.None);
        await Eventually.TrueAsync(() => !redis.Link.IsUp);
        (await redis.AddAsync(1)).Kind.ShouldBe(RedisReplyKind.None);
        await server.ThawAsync();

        await Eventually.TrueAsync(() => redis.Link.IsUp && _log.Lines.Count >= 3);
        _log.Lines.Count.ShouldBe(3, string.Join('\n', _log.Lines));
    }

    [Fact]
    public async Task Paused_CommandsAreGivenUp()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RunningLink redis = await StartAsync(server.Settings() with { Timeout = TimeSpan.FromMilliseconds(100) });

        await server.AskAsync("CLIENT", "PAUSE", "2000", "ALL");

        (await redis.AddAsync(1)).Kind.ShouldBe(RedisReplyKind.None);
        await Eventually.TrueAsync(() => !redis.Link.IsUp);
        await Eventually.TrueAsync(() => redis.Link.IsUp);
    }

    [Fact]
    public async Task ReadOnlyReplica_IsNoticedByTheProbeAndToldOnce()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using RunningLink redis = await StartAsync(server.Settings());

        await server.AskAsync("REPLICAOF", "127.0.0.1", "1");
        await Eventually.TrueAsync(() => redis.Link.Condition == RedisCondition.ReadOnly);
        (await redis.AddAsync(1)).ErrorCode.ShouldBe("READONLY");
        await server.AskAsync("REPLICAOF", "NO", "ONE");
        await Eventually.TrueAsync(() => redis.Link.IsUp);

        _log.Lines.Count(l => l.Contains("is read-only", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task UserWhoMayNotRunScripts_IsNoticedAndToldOnce()
    {
        await using RedisServer server = await RedisServer.StartAsync("--user", "app", "on", ">pa:ss@word", "~*", "&*", "+@all", "-eval", "-evalsha", "-script");
        await using RunningLink redis = await StartAsync(server.Settings(url: $"redis://app:pa%3Ass%40word@127.0.0.1:{server.Port}/3"));

        await Eventually.TrueAsync(() => redis.Link.Condition == RedisCondition.RefusesScripts);
        (await redis.Link.SendAsync(new RespCommand("SET", "a", "b"))).Text.ShouldBe("OK");
        await server.AskAsync("ACL", "SETUSER", "app", "+eval", "+evalsha");

        await Eventually.TrueAsync(() => redis.Link.IsUp);
        _log.Lines.Count(l => l.Contains("refuses scripts", StringComparison.Ordinal)).ShouldBe(1);
        string.Concat(_log.Lines).ShouldNotContain("pa:ss");
        (await server.AskAsync("DBSIZE")).Integer.ShouldBe(0, "database 3 was selected");
    }

    [Theory]
    [InlineData("redis://:wrong-secret@127.0.0.1:{0}/0", "refuses the user or the password")]
    [InlineData("redis://app:wrong-secret@127.0.0.1:{0}/0", "refuses the user or the password")]
    [InlineData("redis://127.0.0.1:{0}/0", "wants a password")]
    [InlineData("redis://:right@127.0.0.1:{0}/99", "no database 99")]
    public async Task SignInRefused_IsToldOnceWithoutTheSecret(string url, string expected)
    {
        await using RedisServer server = await RedisServer.StartAsync("--requirepass", "right");
        await using RunningLink redis = await StartAsync(server.Settings(url: string.Format(System.Globalization.CultureInfo.InvariantCulture, url, server.Port)));

        await Eventually.TrueAsync(() => !_log.Lines.IsEmpty);
        // Several attempts later it is still the same condition.
        await Task.Delay(300, Cancel);

        _log.Lines.ShouldHaveSingleItem().ShouldContain(expected);
        _log.Lines.Single().ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("$5\r\nhal")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("*9999999\r\n")]
    [InlineData("+OK\r\n+one too many\r\n+two too many\r\n")]
    public async Task ServerThatBreaksOffOrTalksNonsense_FailsTheCommandAndIsTriedAgain(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connections = new ConcurrentQueue<DateTime>();
        Task serving = ServeAsync(listener, answer, connections);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        RedisEndpoint.TryParse($"redis://127.0.0.1:{port}", out RedisEndpoint? endpoint, out _).ShouldBeTrue();

        await using (RunningLink redis = await StartAsync(new RedisSettings { Endpoint = endpoint!, Timeout = TimeSpan.FromMilliseconds(500) }))
        {
            await Eventually.TrueAsync(() => connections.Count >= 3);
            (await redis.AddAsync(1)).Kind.ShouldBe(RedisReplyKind.None);
            redis.Link.IsUp.ShouldBeFalse();
        }
        listener.Stop();
        await serving;
    }

    [Fact]
    public async Task Subscription_ServerKilledInBetween_HearsAgainAndIsToldThatItMayHaveMissedSomething()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        var heard = new ConcurrentQueue<string>();
        int gaps = 0;
        using var stop = new CancellationTokenSource();
        var subscription = new RedisSubscription(
            new RedisDialer(server.Settings(), TimeProvider.System), "news", heard.Enqueue, () => Interlocked.Increment(ref gaps), TimeProvider.System, new Random(1));
        Task running = subscription.RunAsync(stop.Token);

        await Eventually.TrueAsync(() => Volatile.Read(ref gaps) == 1);
        await server.AskAsync("PUBLISH", "news", "one");
        await server.AskAsync("PUBLISH", "other", "not ours");
        await Eventually.TrueAsync(() => heard.Contains("one"));
        await server.KillAsync();
        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref gaps) == 2);
        await server.AskAsync("PUBLISH", "news", "two");
        await Eventually.TrueAsync(() => heard.Contains("two"));

        heard.ShouldBe(["one", "two"]);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    private async Task<RunningLink> StartAsync(RedisSettings settings)
    {
        var link = new RedisLink(settings, new RedisDialer(settings, TimeProvider.System), TimeProvider.System, new Random(1), _log);
        link.Probe = () => link.EvalAsync(Add, c => c.Add(1).Add("probe").Add(1));
        await link.StartAsync(Cancel);
        return new RunningLink(link);
    }

    private static async Task ServeAsync(TcpListener listener, string answer, ConcurrentQueue<DateTime> connections)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(Cancel);
                connections.Enqueue(TimeProvider.System.GetUtcNow().DateTime);
                NetworkStream stream = client.GetStream();
                await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, Cancel);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Cancel);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private sealed record RunningLink(RedisLink Link) : IAsyncDisposable
    {
        public Task<RedisReply> AddAsync(int amount) => Link.EvalAsync(Add, c => c.Add(1).Add("counter").Add(amount));

        public async ValueTask DisposeAsync()
        {
            await Link.StopAsync(CancellationToken.None);
            Link.Dispose();
        }
    }
}
