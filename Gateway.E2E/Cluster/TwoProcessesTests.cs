using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Gateway.E2E.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Cluster;

/// <summary>
/// Two processes of the product over one PostgreSQL and one Redis: what one knows the other knows, limits are one limit, and
/// either may die or be replaced. Incident catalogue: revoked keys that go on, limits times replicas, usage lost by a kill,
/// streams cut by a rolling restart.
/// </summary>
public sealed class TwoProcessesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cluster_RevokedKeysLimitsKillsAndRestarts_AreAsOnOneNode()
    {
        // One start for all four: it is the longest part.
        await using TwoProcesses cluster = await TwoProcesses.StartAsync();
        await RevokedKeyIsRefusedByTheOtherWithinASecondAsync(cluster);
        await RpmIsExactOverBothAsync(cluster);
        await KilledUnderLoadNothingAcknowledgedIsLostAsync(cluster);
        await RollingRestartFailsNoRequestAsync(cluster);
    }

    private static async Task RevokedKeyIsRefusedByTheOtherWithinASecondAsync(TwoProcesses cluster)
    {
        for (int round = 0; round < 3; round++)
        {
            (string id, string key) = await cluster.NewKeyAsync(rpm: 0);
            (await TwoProcesses.ChatAsync(cluster.Nodes[1], key, "before")).Status.ShouldBe(HttpStatusCode.OK);

            await TwoProcesses.DeleteAsync(cluster.Nodes[0], $"keys/{id}");
            long revoked = Stopwatch.GetTimestamp();
            TimeSpan lastAccepted = TimeSpan.Zero;
            await Eventually.TrueAsync(async () =>
            {
                TimeSpan sent = Stopwatch.GetElapsedTime(revoked);
                bool refused = (await TwoProcesses.ChatAsync(cluster.Nodes[1], key, "after")).Status == HttpStatusCode.Unauthorized;
                lastAccepted = refused ? lastAccepted : sent;
                return refused;
            });
            lastAccepted.ShouldBeLessThan(TimeSpan.FromSeconds(1));
            Say($"A revoked key was last accepted by the other node {lastAccepted.TotalMilliseconds:0} ms after the revocation.");
        }
    }

    private static async Task RpmIsExactOverBothAsync(TwoProcesses cluster)
    {
        (_, string key) = await cluster.NewKeyAsync(rpm: 40);

        HttpStatusCode[] statuses = await Task.WhenAll(Enumerable.Range(0, 160).Select(i => Task.Run(async () => (await TwoProcesses.ChatAsync(cluster.Nodes[i % 2], key, $"rpm-{i}")).Status)));

        statuses.Count(s => s == HttpStatusCode.OK).ShouldBe(40);
        statuses.Count(s => s == HttpStatusCode.TooManyRequests).ShouldBe(120);
    }

    private static async Task KilledUnderLoadNothingAcknowledgedIsLostAsync(TwoProcesses cluster)
    {
        (_, string key) = await cluster.NewKeyAsync(rpm: 0);
        var acknowledged = new ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task load = Task.WhenAll(Enumerable.Range(0, 8).Select(c => CallAsync(cluster.Nodes[c % 2], key, $"kill-{c}", acknowledged, mayFail: c % 2 == 1, stop.Token)));
        await Eventually.TrueAsync(() => acknowledged.Count > 100);

        await cluster.Nodes[1].KillAsync();
        int before = acknowledged.Count;
        // The other node goes on.
        await Eventually.TrueAsync(() => acknowledged.Count > before + 8);
        await stop.CancelAsync();
        await load;
        await cluster.Nodes[1].RestartAsync();

        string[] sent = [.. acknowledged];
        Dictionary<string, int> recorded = [];
        await Eventually.TrueAsync(async () =>
        {
            recorded = await cluster.RecordedAsync();
            return sent.All(recorded.ContainsKey);
        });
        recorded.Where(r => r.Key.StartsWith("kill-", StringComparison.Ordinal) && r.Value != 1).ShouldBeEmpty();
        Say($"{sent.Length} calls were acknowledged around the kill of one node of two; each is in the books once.");
    }

    // As a deployment does it: one after the other is told to stop, traffic goes to whoever says that it is ready.
    private static async Task RollingRestartFailsNoRequestAsync(TwoProcesses cluster)
    {
        (_, string key) = await cluster.NewKeyAsync(rpm: 0);
        var acknowledged = new ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        bool[] takesTraffic = [true, true];
        Task load = Task.WhenAll(Enumerable.Range(0, 6).Select(async c =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                // The balancer learns of it a little late, as balancers do.
                RunningGateway node = cluster.Nodes[takesTraffic[(c + i) % 2] ? (c + i) % 2 : (c + i + 1) % 2];
                string id = $"roll-{c}-{i}";
                bool stream = c % 3 == 0;
                (HttpStatusCode status, string body) = await TwoProcesses.ChatAsync(node, key, id, stream ? "paced" : "instant", stream);
                status.ShouldBe(HttpStatusCode.OK, body);
                (!stream || body.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal)).ShouldBeTrue(body);
                acknowledged.Enqueue(id);
                await Task.Delay(5, Cancel);
            }
        }));
        for (int node = 0; node < 2; node++)
        {
            await Task.Delay(1000, Cancel);
            cluster.Nodes[node].Terminate();
            await Task.Delay(500, Cancel);
            takesTraffic[node] = false;
            (await cluster.Nodes[node].ExitAsync()).ShouldBe(0);
            await cluster.Nodes[node].RestartAsync();
            takesTraffic[node] = true;
        }
        await Task.Delay(500, Cancel);
        await stop.CancelAsync();
        await load;

        string[] sent = [.. acknowledged];
        sent.Length.ShouldBeGreaterThan(50);
        Dictionary<string, int> recorded = [];
        await Eventually.TrueAsync(async () =>
        {
            recorded = await cluster.RecordedAsync();
            return sent.All(recorded.ContainsKey);
        });
        sent.Where(id => recorded[id] != 1).ShouldBeEmpty();
        Say($"{sent.Length} calls over a rolling restart, none failed, each in the books once.");
    }

    /// <summary>Calls one node until told to stop, or, where it may, until it is gone.</summary>
    private static async Task CallAsync(RunningGateway node, string key, string prefix, ConcurrentQueue<string> acknowledged, bool mayFail, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            string id = $"{prefix}-{i}";
            try
            {
                (HttpStatusCode status, string body) = await TwoProcesses.ChatAsync(node, key, id, stream: i % 2 == 0);
                if (status == HttpStatusCode.OK && (i % 2 != 0 || body.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal)))
                {
                    acknowledged.Enqueue(id);
                }
            }
            catch (Exception e) when (mayFail && e is HttpRequestException or IOException)
            {
                return;
            }
        }
    }

    private static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
