using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gateway.E2E.Hosting;

namespace Gateway.E2E.Cluster;

/// <summary>The product as two processes over one PostgreSQL and one Redis, with an instant model named <c>instant</c> and one of some seconds named <c>paced</c>.</summary>
internal sealed class TwoProcesses : IAsyncDisposable
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false });

    private PostgresDatabase _database = null!;
    private RedisProcess _redis = null!;

    public List<RunningGateway> Nodes { get; } = [];

    public static async Task<TwoProcesses> StartAsync()
    {
        var cluster = new TwoProcesses { _database = await PostgresDatabase.CreateAsync() };
        try
        {
            cluster._redis = await RedisProcess.StartAsync();
            for (int i = 0; i < 2; i++)
            {
                var node = new RunningGateway
                {
                    IsFirstStart = i == 0,
                    Settings =
                    {
                        ["Database__Provider"] = "postgres",
                        ["ConnectionStrings__Gateway"] = cluster._database.ConnectionString,
                        ["Redis__Url"] = cluster._redis.Url,
                        // Both share two processors with their clients; silence is judged more patiently than in production.
                        ["Redis__Timeout"] = "10s",
                        // The test's clients call all the while, and wait for every record in the end.
                        ["Gateway__Shutdown__Delay"] = "3s",
                        ["Gateway__Security__MasterKey"] = "the-same-key-on-every-node",
                        ["Gateway__NodeName"] = $"node-{i}",
                    },
                };
                cluster.Nodes.Add(node);
                await node.InitializeAsync();
            }
            await cluster.Nodes[0].CreateAsync("providers", new { name = "instant", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 0, output_tokens = 3 } });
            await cluster.Nodes[0].CreateAsync("providers", new { name = "paced", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 20, output_tokens = 40 } });
            foreach (string name in (string[])["instant", "paced"])
            {
                await cluster.Nodes[0].CreateAsync("models", new { name, backends = new[] { new { provider = name } } });
            }
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>An issued key that both nodes know.</summary>
    public async Task<(string Id, string Key)> NewKeyAsync(int rpm)
    {
        string name = Guid.NewGuid().ToString("N");
        string key = await Nodes[0].CreateAsync("keys", new { name, rpm_limit = rpm, tpm_limit = 0 }, result: "key");
        string id = (await Nodes[0].GetAsync("keys?limit=1000")).AsArray().First(k => k!["name"]!.GetValue<string>() == name)!["id"]!.GetValue<string>();
        // Takes nothing of any limit.
        foreach (RunningGateway node in Nodes)
        {
            await Eventually.TrueAsync(async () => (int)(await SendAsync(node, HttpMethod.Get, "/v1/models/instant", key, null)).Status == 200);
        }
        return (id, key);
    }

    /// <summary>One call, read to its end.</summary>
    public static Task<(HttpStatusCode Status, string Body)> ChatAsync(RunningGateway node, string key, string id, string model = "instant", bool stream = false) =>
        SendAsync(node, HttpMethod.Post, "/v1/chat/completions", key, $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"x"}]}""", id);

    public static async Task DeleteAsync(RunningGateway node, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"{node.Url}/admin/v1/{path}");
        request.Headers.Add("X-Admin-Key", node.AdminKey);
        using HttpResponseMessage answer = await Client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>How often each request is in the books.</summary>
    public async Task<Dictionary<string, int>> RecordedAsync()
    {
        string[] lines = await _database.AskAsync("SELECT request_id, count(*) FROM usage_records GROUP BY request_id");
        return lines.Select(l => l.Split('|')).ToDictionary(l => l[0], l => int.Parse(l[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RunningGateway node in Nodes)
        {
            await node.DisposeAsync();
        }
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
        await _database.DisposeAsync();
    }

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(RunningGateway node, HttpMethod method, string path, string key, string? json, string? id = null)
    {
        using var request = new HttpRequestMessage(method, node.Url + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }
        if (id is not null)
        {
            request.Headers.Add("X-Request-ID", id);
        }
        using HttpResponseMessage answer = await Client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
