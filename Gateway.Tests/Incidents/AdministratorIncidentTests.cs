using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Administration;
using Gateway.Tests.Storage;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>"database is locked" under EF Core (dotnet/efcore#29514, #36295, #33133): many administrators, and a database that is somebody else's for a while.</summary>
public sealed class AdministratorIncidentTests
{
    private const int Administrators = 60;
    private static readonly TimeSpan Locked = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixty_AtOnce_EachChangeIsMadeAndTakenDown()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();

        (string Name, HttpStatusCode Status, string? RetryAfter)[] answers = await WriteAsync([admin], "w");

        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created);
        await HoldsExactlyAsync(admin, answers);
    }

    // Each node lets one change through at a time; between the nodes the version row decides, and the slower one tries again.
    [Fact]
    public async Task Sixty_AtOnceOverThreeNodes_EachChangeIsMadeAndTakenDown()
    {
        await using TestDatabase database = await TestDatabase.EmptyPostgresAsync();
        TestProduct[] nodes = [.. Enumerable.Range(0, 3).Select(i => new TestProduct
        {
            Settings =
            {
                ["Database:Provider"] = "postgres",
                ["ConnectionStrings:Gateway"] = database.Settings.ConnectionString,
                ["Gateway:Security:MasterKey"] = "the-same-key-on-every-node",
                ["Gateway:NodeName"] = $"node-{i}",
            },
        })];
        try
        {
            var admins = new List<HttpClient>();
            foreach (TestProduct node in nodes)
            {
                admins.Add(await node.StartAsync());
            }

            (string Name, HttpStatusCode Status, string? RetryAfter)[] answers = await WriteAsync(admins, "w");

            answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created);
            foreach (HttpClient admin in admins)
            {
                await HoldsExactlyAsync(admin, answers);
            }
        }
        finally
        {
            foreach (TestProduct node in nodes)
            {
                await node.DisposeAsync();
            }
            Npgsql.NpgsqlConnection.ClearAllPools();
        }
    }

    [Fact]
    public async Task DatabaseLockedForTenSeconds_IsNoErrorAndLosesNothing()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        (string Name, HttpStatusCode Status, string? RetryAfter)[] before = await WriteAsync([admin], "before");
        Task<(string Name, HttpStatusCode Status, string? RetryAfter)[]> during;
        long start = Stopwatch.GetTimestamp();
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(product.DataDirectory, "gateway.db")}"))
        {
            await other.OpenAsync(Cancel);
            await ExecuteAsync(other, "BEGIN EXCLUSIVE");
            during = WriteAsync([admin], "during");
            // Whoever only looks is not kept waiting.
            (await admin.GetAsync("/admin/v1/keys", 200)).GetArrayLength().ShouldBeGreaterThan(0);
            await Task.Delay(Locked, Cancel);
            await ExecuteAsync(other, "COMMIT");
        }

        (string Name, HttpStatusCode Status, string? RetryAfter)[] answers = await during;

        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Eventually.Limit);
        answers.ShouldAllBe(a => a.Status == HttpStatusCode.Created || (a.Status == HttpStatusCode.ServiceUnavailable && a.RetryAfter != null));
        answers.ShouldContain(a => a.Status == HttpStatusCode.ServiceUnavailable, "or nothing was locked");
        await HoldsExactlyAsync(admin, [.. before, .. answers]);
        (await WriteAsync([admin], "after")).ShouldAllBe(a => a.Status == HttpStatusCode.Created);
    }

    /// <summary>One new entry by each administrator, of every kind.</summary>
    private static Task<(string Name, HttpStatusCode Status, string? RetryAfter)[]> WriteAsync(List<HttpClient> admins, string prefix) =>
        Task.WhenAll(Enumerable.Range(0, Administrators).Select(i => Task.Run(async () =>
        {
            string name = $"{prefix}-{i}";
            (string list, object entry) = (i % 6) switch
            {
                0 => ("keys", (object)new { name }),
                1 => ("providers", new { name, kind = "openai-compatible", base_url = "https://h.example/v1" }),
                2 => ("models", new { name, backends = new[] { new { url = "https://h.example/v1" } } }),
                3 => ("teams", new { name }),
                4 => ("budgets", new { name, scope = "gateway", amount_usd = "5", period = "month" }),
                _ => ("prices", new { model = name, input_per_million = "1" }),
            };
            using var content = new StringContent(JsonSerializer.Serialize(entry), Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await admins[i % admins.Count].PostAsync("/admin/v1/" + list, content, Cancel);
            return (name, answer.StatusCode, answer.Headers.RetryAfter?.ToString());
        })));

    /// <summary>What was acknowledged is there once, and in the audit log once; what was refused is in neither.</summary>
    private static async Task HoldsExactlyAsync(HttpClient admin, IReadOnlyList<(string Name, HttpStatusCode Status, string? RetryAfter)> answers)
    {
        string[] made = [.. answers.Where(a => a.Status == HttpStatusCode.Created).Select(a => a.Name).Order(StringComparer.Ordinal)];
        // Another node knows of it within a second.
        await Eventually.TrueAsync(async () => (await NamesAsync(admin)).SequenceEqual(made));
        (await admin.GetAsync("/admin/v1/audit", 200)).EnumerateArray().Select(e => e.GetProperty("entity_name").GetString()!).Order(StringComparer.Ordinal).ShouldBe(made);
    }

    private static async Task<IEnumerable<string>> NamesAsync(HttpClient admin)
    {
        var found = new List<string>();
        foreach (string list in (string[])["keys", "providers", "models", "teams", "budgets", "prices"])
        {
            string field = list == "prices" ? "model" : "name";
            found.AddRange((await admin.GetAsync("/admin/v1/" + list, 200)).EnumerateArray().Select(e => e.GetProperty(field).GetString()!));
        }
        return found.Order(StringComparer.Ordinal);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
