using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Gateway.E2E.Hosting;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Gateway.E2E.Crash;

/// <summary>A restart with as many keys as a large company has; nobody is served meanwhile. The aim is 3 s on an idle machine.</summary>
public sealed class RestartTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    private const int Keys = 10_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restart_WithTenThousandKeys_AnswersSoonAndKnowsEachOfThem()
    {
        await gateway.CreateAsync("providers", new { name = "instant", kind = "simulated", settings = new { latency_ms = 0, tokens_per_second = 0, output_tokens = 3 } });
        await gateway.CreateAsync("models", new { name = "instant", backends = new[] { new { provider = "instant" } } });
        await gateway.KillAsync();
        // Copies of the key that there is, under other hashes.
        await RunAsync($"""
            CREATE TEMP TABLE more AS SELECT * FROM api_keys LIMIT 1;
            CREATE TEMP TABLE numbers AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Keys}) SELECT i FROM n;
            CREATE TEMP TABLE copies AS SELECT more.*, i FROM more, numbers;
            UPDATE copies SET id = printf('copy-%d', i), name = printf('copy-%d', i), hash = printf('%064x', i);
            ALTER TABLE copies DROP COLUMN i;
            INSERT INTO api_keys SELECT * FROM copies;
            UPDATE catalog_versions SET version = version + 1;
            """);

        // How long a start takes is printed; on a machine that does other things beside it says more of that machine.
        var times = new List<TimeSpan>();
        for (int restart = 0; restart < 2; restart++)
        {
            long start = Stopwatch.GetTimestamp();
            gateway.Start();
            await AnsweredAsync(start);
            times.Add(Stopwatch.GetElapsedTime(start));
            if (restart == 0)
            {
                await gateway.KillAsync();
            }
        }

        (await gateway.GetAsync("keys?limit=1000")).AsArray().Count.ShouldBe(1000);
        TestContext.Current.TestOutputHelper!.WriteLine($"First answer after a start with {Keys} keys: {string.Join(", ", times.Select(t => t.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)))} s.");
    }

    private async Task RunAsync(string sql)
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(gateway.DataDirectory, "gateway.db")};Pooling=False");
        await database.OpenAsync(Cancel);
        await using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task AnsweredAsync(long start)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url + "/v1/chat/completions")
                {
                    Content = new StringContent("""{"model":"instant","messages":[{"role":"user","content":"x"}]}""", Encoding.UTF8, "application/json"),
                };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Key);
                using HttpResponseMessage answer = await client.SendAsync(request, Cancel);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
                // It has not read its keys yet.
                answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, await answer.Content.ReadAsStringAsync(Cancel));
                Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Eventually.Limit);
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(start) < Eventually.Limit)
            {
                // Not listening yet.
            }
            await Task.Delay(20, Cancel);
        }
    }
}
