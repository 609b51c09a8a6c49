using System.Diagnostics;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Tests.Administration;
using Gateway.Tests.Hosting;
using Gateway.Tests.Storage;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster;

/// <summary>The whole product twice, over one PostgreSQL and one Redis.</summary>
public sealed class TwoNodesTests
{
    private const string Answer = """{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}}""";

    [Fact]
    public async Task Incident57_KeyRevokedOnOneNode_IsRefusedByTheOtherWithinASecond()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        for (int round = 0; round < 3; round++)
        {
            (string id, string key) = await cluster.NewKeyAsync(rpm: 0);
            await cluster.UntilAsync(1, key, 200);

            await cluster.Clients[0].SendAsync(HttpMethod.Delete, $"/admin/v1/keys/{id}", 204);
            var watch = Stopwatch.StartNew();
            while (await cluster.Clients[1].ChatAsync(key, "m") == 200)
            {
                watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
            }
            (await cluster.Clients[0].ChatAsync(key, "m")).ShouldBe(401);
        }
    }

    [Fact]
    public async Task Incident10_Rpm50_200InParallelOverBothNodes_Exactly50PassAndReachTheUpstream()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (_, string key) = await cluster.NewKeyAsync(rpm: 50);
        await cluster.UntilKnownAsync(key);

        int[] statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => cluster.Clients[i % 2].ChatAsync(key, "m"))));

        statuses.Count(s => s == 200).ShouldBe(50);
        statuses.Count(s => s == 429).ShouldBe(150, string.Join(", ", statuses.GroupBy(s => s).Select(g => $"{g.Key}: {g.Count()}")));
        cluster.Upstream.Seen.Count.ShouldBe(50);
    }

    [Fact]
    public async Task Incident32_RedisFrozen_EachNodeKeepsTheLimitAndAnswersSoon()
    {
        await using Cluster cluster = await Cluster.StartAsync(timeout: "100ms");
        (_, string key) = await cluster.NewKeyAsync(rpm: 30);
        await cluster.UntilKnownAsync(key);
        (await cluster.Clients[0].ChatAsync(key, "m")).ShouldBe(200);

        await cluster.Redis.FreezeAsync();
        var times = new List<double>();
        int[] passed = [1, 0];
        for (int i = 0; i < 120; i++)
        {
            long start = Stopwatch.GetTimestamp();
            passed[i % 2] += await cluster.Clients[i % 2].ChatAsync(key, "m") == 200 ? 1 : 0;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        passed.ShouldBe([30, 30]);
        times.Order().ElementAt((int)(times.Count * 0.95)).ShouldBeLessThan(300);
        await cluster.Redis.ThawAsync();
    }

    [Fact]
    public async Task Incident7_RedisGoneAndFailClosed_503AndNothingReachesTheUpstreamUntilItIsBack()
    {
        await using Cluster cluster = await Cluster.StartAsync(onFailure: "closed");
        (_, string key) = await cluster.NewKeyAsync(rpm: 30);
        await cluster.UntilKnownAsync(key);
        await cluster.Redis.KillAsync();

        int[] statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => cluster.Clients[i % 2].ChatAsync(key, "m")));

        statuses.ShouldAllBe(s => s == 503);
        cluster.Upstream.Seen.ShouldBeEmpty();
        await cluster.Redis.StartAgainAsync();
        await cluster.UntilAsync(0, key, 200);
        await cluster.UntilAsync(1, key, 200);
    }

    [Fact]
    public async Task Incident5_UpstreamFails_NothingStaysReserved()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (_, string key) = await cluster.NewKeyAsync(rpm: 0, tpm: 5000);
        await cluster.UntilKnownAsync(key);
        cluster.Fails = true;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => cluster.Clients[i % 2].ChatAsync(key, "m")));
        cluster.Fails = false;
        await cluster.SettledAsync();

        using HttpResponseMessage answer = await cluster.AnswerAsync(1, key);

        ((int)answer.StatusCode).ShouldBe(200);
        // All that is missing is what this very call reserves.
        int.Parse(answer.Headers.GetValues("x-ratelimit-remaining-tokens").Single(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(3900);
    }

    [Fact]
    public async Task UpstreamDead_OneNodeFindsOut_TheOtherSendsItNothing()
    {
        await using Cluster cluster = await Cluster.StartAsync(failuresThatOpen: 3);
        (_, string key) = await cluster.NewKeyAsync(rpm: 0);
        await cluster.UntilKnownAsync(key);
        cluster.Fails = true;

        for (int i = 0; i < 3; i++)
        {
            await cluster.Clients[0].ChatAsync(key, "m");
        }
        await Eventually.TrueAsync(() => cluster.BackendsOf(1).Any(b => b.State.Breaker.FlipsSince(0).Count > 0));
        int seen = cluster.Upstream.Seen.Count;

        // Open for five seconds at most, and then one call tries it: none of this one's is needed to know.
        BreakerFlip flip = cluster.BackendsOf(1).Single().State.Breaker.FlipsSince(0)[0];
        (flip.To, flip.Witness, flip.Cause).ShouldBe((BreakerState.Open, BreakerWitness.Node, "node node-0 saw its calls fail"));
        seen.ShouldBe(3);
    }

    [Fact]
    public async Task BackendThatFailsOnOneNode_TheOtherShowsHowItIsThere()
    {
        await using Cluster cluster = await Cluster.StartAsync(timeout: "2s", failuresThatOpen: 3);
        (_, string key) = await cluster.NewKeyAsync(rpm: 0);
        await cluster.UntilKnownAsync(key);
        (await cluster.Clients[0].ChatAsync(key, "m")).ShouldBe(200);
        cluster.Fails = true;
        for (int i = 0; i < 3; i++)
        {
            await cluster.Clients[1].ChatAsync(key, "m");
        }

        JsonElement[] nodes = [];
        await Eventually.TrueAsync(async () =>
            (nodes = [.. (await cluster.Clients[0].GetAsync("/admin/v1/health", 200))[0].GetProperty("nodes").EnumerateArray()]).Length == 2);

        nodes.Select(n => n.GetProperty("node").GetString()).ShouldBe(["node-0", "node-1"]);
        nodes.Select(n => (n.GetProperty("successes").GetInt64(), n.GetProperty("failures").GetInt64())).ShouldBe([(1, 0), (0, 3)]);
        nodes[1].GetProperty("breaker").GetString().ShouldNotBe("closed");
        await cluster.Redis.FreezeAsync();
        await Eventually.TrueAsync(async () => (await cluster.Clients[0].GetAsync("/admin/v1/health", 200))[0].GetProperty("nodes").GetArrayLength() == 1);
        await cluster.Redis.ThawAsync();
    }

    [Fact]
    public async Task CallOfOneNode_IsSeenAndEndedFromTheOther()
    {
        await using Cluster cluster = await Cluster.StartAsync(timeout: "2s");
        (_, string key) = await cluster.NewKeyAsync(rpm: 0);
        await cluster.UntilKnownAsync(key);
        cluster.Waits = true;
        Task<HttpResponseMessage> running = cluster.AnswerAsync(1, key);

        JsonElement[] seen = [];
        await Eventually.TrueAsync(async () =>
            (seen = [.. (await cluster.Clients[0].GetAsync("/admin/v1/running", 200)).EnumerateArray()]) is [var call] && call.GetProperty("provider").ValueKind == JsonValueKind.String);
        (seen[0].GetProperty("node").GetString(), seen[0].GetProperty("model").GetString()).ShouldBe(("node-1", "m"));
        (await cluster.Clients[1].GetAsync("/admin/v1/running", 200)).GetArrayLength().ShouldBe(1, "a call is shown once");

        await cluster.Clients[0].SendAsync(HttpMethod.Delete, $"/admin/v1/running/{seen[0].Id()}", 200);

        using HttpResponseMessage ended = await running;
        ended.IsSuccessStatusCode.ShouldBeFalse();
        await Eventually.TrueAsync(async () => (await cluster.Clients[0].GetAsync("/admin/v1/running", 200)).GetArrayLength() == 0);
        await cluster.Redis.FreezeAsync();
        (await cluster.Clients[0].GetAsync("/admin/v1/running", 200)).GetArrayLength().ShouldBe(0);
        await cluster.Redis.ThawAsync();
    }

    private sealed class Cluster : IAsyncDisposable
    {
        private readonly List<TestProduct> _nodes = [];
        private TestDatabase _database = null!;

        public RedisServer Redis { get; private set; } = null!;
        public ScriptedUpstream Upstream { get; private set; } = null!;
        public List<HttpClient> Clients { get; } = [];

        /// <summary>What the upstream does.</summary>
        public bool Fails { get; set; }

        /// <summary>The upstream does not answer.</summary>
        public bool Waits { get; set; }

        public static async Task<Cluster> StartAsync(string onFailure = "open", string timeout = "10s", int failuresThatOpen = 0)
        {
            var cluster = new Cluster { _database = await TestDatabase.EmptyPostgresAsync(), Redis = await RedisServer.StartAsync() };
            cluster.Upstream = ScriptedUpstream.Start(c => cluster.Waits ? c.WaitForCloseAsync() : cluster.Fails ? c.JsonAsync("{}", 500, "") : c.JsonAsync(Answer, 200, ""));
            for (int i = 0; i < 2; i++)
            {
                var node = new TestProduct(Directory.CreateTempSubdirectory("gateway-node-").FullName)
                {
                    Settings =
                    {
                        ["Database:Provider"] = "postgres",
                        ["ConnectionStrings:Gateway"] = cluster._database.Settings.ConnectionString,
                        ["Gateway:Security:MasterKey"] = "the-same-key-on-every-node",
                        ["Gateway:NodeName"] = $"node-{i}",
                        ["Gateway:RateLimits:DefaultTpm"] = "0",
                        ["Gateway:Upstreams:MaxRetries"] = "0",
                        // Failures are to reach the limits in most tests, not to open circuits.
                        ["Gateway:Upstreams:Breaker:ConsecutiveFailures"] = $"{failuresThatOpen}",
                        ["Gateway:Upstreams:Breaker:FailureRate"] = "0",
                        ["Redis:Url"] = cluster.Redis.Url,
                        ["Redis:OnFailure"] = onFailure,
                        ["Redis:Timeout"] = timeout,
                    },
                };
                cluster._nodes.Add(node);
                cluster.Clients.Add(await node.StartAsync());
            }
            await cluster.Clients[0].PostAsync("/admin/v1/providers", JsonSerializer.Serialize(new { name = "p", kind = "openai-compatible", base_url = cluster.Upstream.Url }));
            string model = (await cluster.Clients[0].PostAsync("/admin/v1/models", """{"name":"m"}""")).Id();
            await cluster.Clients[0].PostAsync($"/admin/v1/models/{model}/backends", """{"provider":"p"}""");
            await Eventually.TrueAsync(() => cluster._nodes.TrueForAll(n => n.Services.GetRequiredService<RedisLink>().IsUp));
            return cluster;
        }

        public async Task<(string Id, string Key)> NewKeyAsync(int rpm, int tpm = 0)
        {
            JsonElement created = await Clients[0].PostAsync("/admin/v1/keys", JsonSerializer.Serialize(new { name = Guid.NewGuid().ToString("N"), rpm_limit = rpm, tpm_limit = tpm }));
            return (created.GetProperty("api_key").Id(), created.GetProperty("key").GetString()!);
        }

        /// <summary>Until both nodes have the newest catalog; nothing is taken of any limit.</summary>
        public Task UntilKnownAsync(string key) => Eventually.TrueAsync(() =>
            _nodes.TrueForAll(n => n.Catalog.Current.Keys.Values.Any(k => key.StartsWith(k.Prefix, StringComparison.Ordinal)) && n.Catalog.Current.Models.Count > 0));

        public async Task UntilAsync(int node, string key, int status)
        {
            await Eventually.TrueAsync(async () => await Clients[node].ChatAsync(key, "m") == status, $"{status} of node {node}");
        }

        public IReadOnlyList<Backend> BackendsOf(int node) => [.. _nodes[node].Catalog.Current.Backends.Values.Where(b => b.Provider.Name == "p")];

        public Task SettledAsync() => Eventually.TrueAsync(() => _nodes.TrueForAll(n => n.Services.GetRequiredService<LimitEventQueue>().Unsettled == 0));

        public Task<HttpResponseMessage> AnswerAsync(int node, string key)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent("""{"model":"m","messages":[{"role":"user","content":"hi"}]}""", System.Text.Encoding.UTF8, "application/json"),
                Headers = { { "Authorization", "Bearer " + key } },
            };
            return Clients[node].SendAsync(request, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (TestProduct node in _nodes)
            {
                await node.DisposeAsync();
                Directories.Remove(node.DataDirectory);
            }
            await Upstream.DisposeAsync();
            await Redis.DisposeAsync();
            Npgsql.NpgsqlConnection.ClearAllPools();
            await _database.DisposeAsync();
        }
    }
}
