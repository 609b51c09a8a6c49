using System.Text.Json;
using Gateway.Tests.Administration;
using Gateway.Tests.Configuration;
using Microsoft.Data.Sqlite;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>Starts without what protects: a secret that was left empty, a key ring that is not the one of yesterday.</summary>
public sealed class StartIncidentTests
{
    private const string Secret = "sk-kept-under-the-master-key";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // CVE-2026-41432: an empty secret signs anything. Left out is a choice; set to nothing is a mistake.
    [Theory]
    [InlineData("Gateway:AdminKey", "ADMIN_API_KEY")]
    [InlineData("Gateway:Admin:Password", null)]
    [InlineData("Gateway:Security:MasterKey", null)]
    public void SecretSetToNothing_StopsTheStart(string key, string? variable)
    {
        string[] path = key.Split(':');
        foreach (string blank in (string[])["", "   "])
        {
            using var json = new TestConfiguration();
            json.Json(path.Reverse().Aggregate(JsonSerializer.Serialize(blank), (inner, name) => $"{{\"{name}\":{inner}}}"));
            json.ReadErrors().ShouldHaveSingleItem().ShouldStartWith(key);

            using var line = new TestConfiguration();
            Should.Throw<Gateway.Web.Configuration.GatewayConfigurationException>(() => line.Read($"--{key}={blank}")).Message.ShouldContain(key);
            if (variable is not null)
            {
                using var environment = new TestConfiguration { Environment = { [variable] = blank } };
                environment.ReadErrors().ShouldHaveSingleItem().ShouldContain(variable);
                environment.Environment[variable] = "a real one, at last";
                environment.ReadErrors().ShouldBeEmpty();
            }
        }
        using var leftOut = new TestConfiguration();
        leftOut.ReadErrors().ShouldBeEmpty();
    }

    // dotnet/aspnetcore#13476, #21096: the ring was gone, a new one was made, and what the old one had sealed was overwritten.
    [Fact]
    public async Task MasterKeyGone_SecretsAreKeptAsTheyAreUntilItIsBack()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-ring-").FullName;
        string keyFile = Path.Combine(directory, "gateway.key");
        try
        {
            await using (var first = new TestProduct(directory))
            {
                await (await first.StartAsync()).PostAsync("/admin/v1/providers", $$"""
                    {"name":"p","base_url":"https://p.example","credentials":[{"label":"main","secret":"{{Secret}}"}]}
                    """);
            }
            string sealedSecret = Read(directory, "SELECT encrypted_secret FROM credentials");
            string ring = Read(directory, "SELECT group_concat(xml) FROM data_protection_keys");
            File.Move(keyFile, keyFile + ".away");

            await using (var without = new TestProduct(directory))
            {
                HttpClient admin = await without.StartAsync();
                without.Catalog.Current.Providers["p"].Credentials.ShouldBeEmpty();
                // Work goes on beside the lost secret, which stays where it is.
                await admin.PostAsync("/admin/v1/providers", """{"name":"q","base_url":"https://q.example","credentials":[{"label":"main","secret":"sk-new"}]}""");
            }
            Read(directory, "SELECT encrypted_secret FROM credentials c JOIN providers p ON p.id = c.provider_id WHERE p.name = 'p'").ShouldBe(sealedSecret);
            Read(directory, "SELECT group_concat(xml) FROM data_protection_keys").ShouldStartWith(ring);

            File.Move(keyFile + ".away", keyFile, overwrite: true);
            await using (var again = new TestProduct(directory))
            {
                await again.StartAsync();
                again.Catalog.Current.Providers["p"].Credentials.ShouldHaveSingleItem().Secret.ShouldBe(Secret);
            }
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directories.Remove(directory);
        }
    }

    // dotnet/aspnetcore#3514: two processes start at once, and each makes a key of its own.
    [Fact]
    public async Task MasterKey_MadeByManyAtOnce_IsOneKey()
    {
        // Each time is one throw of the dice: two that look before either has made it. Few at a time, since whoever has to wait
        // for a processor comes too late to be one of them.
        for (int time = 0; time < 25; time++)
        {
            await MakeByManyAtOnceAsync();
        }
    }

    // Locks come after opening on Unix: a process that looked between the two kept the one that had made the file from writing it,
    // and the empty file from being a key for good.
    [Fact]
    public async Task MasterKey_ReadTheInstantItIsMade_IsWritten()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-race-").FullName;
        try
        {
            for (int time = 0; time < 500; time++)
            {
                string file = Path.Combine(directory, $"{time}.key");
                bool done = false;
                Task looking = Task.Factory.StartNew(() => Look(file, ref done), Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

                Gateway.Web.Security.MasterKey.ReadOrMake(file).Length.ShouldBe(44);

                Volatile.Write(ref done, true);
                await looking;
            }
        }
        finally
        {
            Directories.Remove(directory);
        }
    }

    // The same, and certain: the file is there from the first instant, and its key a little later.
    [Fact]
    public async Task MasterKey_MadeButNotYetWritten_IsWaitedFor()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-race-").FullName;
        try
        {
            using var configuration = new TestConfiguration();
            Gateway.Web.Configuration.GatewaySettings settings = configuration.Read($"--Gateway:DataDirectory={directory}").Settings;
            string file = Path.Combine(directory, Gateway.Web.Security.MasterKey.FileName);
            await File.WriteAllTextAsync(file, "", Cancel);
            Task<byte[]> waiting = Task.Run(() => new Gateway.Web.Security.MasterKey(configuration.Host.Configuration, settings).Bytes, Cancel);
            await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromMilliseconds(500), Cancel));
            waiting.IsCompleted.ShouldBeFalse();

            await File.WriteAllTextAsync(file, "a key that another process made", Cancel);

            (await waiting).ShouldBe(new Gateway.Web.Security.MasterKey(configuration.Host.Configuration, settings).Bytes);
        }
        finally
        {
            Directories.Remove(directory);
        }
    }

    private static void Look(string file, ref bool done)
    {
        while (!Volatile.Read(ref done))
        {
            if (!File.Exists(file))
            {
                continue;
            }
            try
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            }
            catch (IOException)
            {
                // Windows lets nobody read what is being written.
            }
        }
    }

    private static async Task MakeByManyAtOnceAsync()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-race-").FullName;
        try
        {
            using var configuration = new TestConfiguration();
            Gateway.Web.Configuration.GatewaySettings settings = configuration.Read($"--Gateway:DataDirectory={directory}").Settings;
            using var gate = new Barrier(3);
            byte[][] keys = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    gate.SignalAndWait(Cancel);
                    return new Gateway.Web.Security.MasterKey(configuration.Host.Configuration, settings).Bytes;
                },
                Cancel,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            keys.Select(Convert.ToHexString).Distinct().ShouldHaveSingleItem();
            Directory.GetFiles(directory).ShouldHaveSingleItem();
        }
        finally
        {
            Directories.Remove(directory);
        }
    }

    private static string Read(string directory, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "gateway.db")};Mode=ReadOnly");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }
}
