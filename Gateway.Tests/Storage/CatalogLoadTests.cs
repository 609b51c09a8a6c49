using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Tests.Administration;
using Gateway.Web.Configuration;
using Gateway.Web.Storage.Catalog;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

public class CatalogLoadTests
{
    private const string Declared = """
        gateway: {upstreams: {allowed_networks: [127.0.0.0/8]}}
        providers: [{name: sim, kind: simulated, settings: {latency_ms: 0, tokens_per_second: 0}}]
        models: [{name: declared, backends: [{provider: sim}]}]
        keys: [{name: k, key: sk-declared, rpm_limit: 0}]
        """;

    [Fact]
    public async Task Database_Unreachable_DeclaredEntriesAreServedAllTheSame()
    {
        await using var product = new TestProduct
        {
            Settings = { ["Database:Provider"] = "postgres", ["ConnectionStrings:Gateway"] = "Host=127.0.0.1;Port=1;Username=x;Password=y;Timeout=1" },
        };
        DeclareIn(product, Declared);
        HttpClient client = product.CreateClient();
        (await client.ChatAsync("sk-declared", "declared")).ShouldBe(200);
    }

    [Fact]
    public async Task DeclaredEntries_AreReadOnlyAndMarked()
    {
        await using var product = new TestProduct();
        DeclareIn(product, Declared);
        HttpClient admin = await product.StartAsync();
        JsonElement model = (await admin.GetAsync("/admin/v1/models", 200))[0];
        model.GetProperty("source").GetString().ShouldBe("file");
        await admin.PutAsync($"/admin/v1/models/{model.Id()}", """{"active":false}""", 409);
        await admin.SendAsync(HttpMethod.Delete, $"/admin/v1/models/{model.Id()}", 409);
        await admin.PostAsync("/admin/v1/models", """{"name":"declared"}""", 409);
        string key = (await admin.GetAsync("/admin/v1/keys", 200))[0].Id();
        await admin.SendAsync(HttpMethod.Delete, $"/admin/v1/keys/{key}", 409);
        await admin.PostAsync("/admin/v1/models", """{"name":"mine","backends":[{"provider":"sim"}]}""");
        (await admin.ChatAsync("sk-declared", "mine")).ShouldBe(200);
    }

    [Fact]
    public async Task Change_OnOneNode_IsInForceOnTheOther()
    {
        await using var first = new TestProduct();
        HttpClient one = await first.StartAsync();
        await using var second = new TestProduct();
        second.Settings["ConnectionStrings:Gateway"] = Path.Combine(first.DataDirectory, "gateway.db");
        HttpClient two = await second.StartAsync();

        await one.PostAsync("/admin/v1/models", """{"name":"m"}""");
        await Eventually.TrueAsync(() => second.Catalog.Current.FindModel("m") is not null);

        // Both change at once: each sees what the other did.
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? one : two).PostAsync("/admin/v1/models", $$"""{"name":"n{{i}}"}""")));
        await Eventually.TrueAsync(() => first.Catalog.Current.Models.Count == 11 && second.Catalog.Current.Models.Count == 11);
    }

    [Fact]
    public async Task File_Changed_IsInForceWithoutRestart_AndRefusedWhenWrong()
    {
        await using var product = new TestProduct();
        string file = DeclareIn(product, Declared);
        HttpClient client = await product.StartAsync();
        (await client.ChatAsync("sk-declared", "declared")).ShouldBe(200);

        // As an editor saves: a new file moved over the old one.
        string edited = file + ".new";
        await File.WriteAllTextAsync(edited, Declared.Replace("name: declared", "name: changed"), TestContext.Current.CancellationToken);
        File.Move(edited, file, overwrite: true);
        await Eventually.TrueAsync(() => product.Catalog.Current.FindModel("changed") is not null);
        product.Catalog.Current.FindModel("declared").ShouldBeNull();

        long version = product.Catalog.Current.Version;
        await File.WriteAllTextAsync(file, Declared.Replace("kind: simulated", "kind: imaginary"), TestContext.Current.CancellationToken);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        product.Catalog.Current.Version.ShouldBe(version, "what is wrong changes nothing");
        (await client.ChatAsync("sk-declared", "changed")).ShouldBe(200);

        await File.WriteAllTextAsync(file, "rate_limits: {default_rpm: 7}\n" + Declared, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => product.Catalog.Current.FindModel("declared") is not null);
        var options = (Func<Gateway.Core.GatewayOptions>)product.Services.GetService(typeof(Func<Gateway.Core.GatewayOptions>))!;
        await Eventually.TrueAsync(() => options().DefaultRpm == 7);
    }

    [Fact]
    public async Task Product_OnPostgres_KeepsItsCatalogOverARestart()
    {
        await using TestDatabase database = await TestDatabase.EmptyPostgresAsync();
        var settings = new Dictionary<string, string>
        {
            ["Database:Provider"] = "postgres",
            ["ConnectionStrings:Gateway"] = database.Settings.ConnectionString + ";Pooling=false",
            ["Gateway:Security:MasterKey"] = "the master key of both",
        };
        string key;
        await using (TestProduct first = With(settings))
        {
            HttpClient admin = await first.StartAsync();
            await admin.PostAsync("/admin/v1/providers", """{"name":"sim","kind":"simulated","credentials":[{"secret":"sk-1"}],"settings":{"latency_ms":0,"tokens_per_second":0}}""");
            await admin.PostAsync("/admin/v1/models", """{"name":"m","backends":[{"provider":"sim"}]}""");
            key = (await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""")).GetProperty("key").GetString()!;
        }
        await using TestProduct second = With(settings);
        HttpClient client = await second.StartAsync();
        (await client.ChatAsync(key, "m")).ShouldBe(200);
        second.Catalog.Current.Providers["sim"].Credentials.ShouldHaveSingleItem().Secret.ShouldBe("sk-1");
        (await client.GetAsync("/admin/v1/audit", 200)).GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Postgres_AwayAndBack_RequestsGoOnAndChangesAreRefusedMeanwhile()
    {
        await using TestDatabase database = await TestDatabase.EmptyPostgresAsync();
        await using TestProduct product = With(new()
        {
            ["Database:Provider"] = "postgres",
            ["ConnectionStrings:Gateway"] = database.Settings.ConnectionString,
            ["Gateway:Telemetry:LogLevel"] = "critical",
        });
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync("/admin/v1/providers", """{"name":"sim","kind":"simulated","settings":{"latency_ms":0,"tokens_per_second":0}}""");
        await admin.PostAsync("/admin/v1/models", """{"name":"m","backends":[{"provider":"sim"}]}""");
        string key = (await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""")).GetProperty("key").GetString()!;

        await database.AllowConnectionsAsync(false);
        (await admin.ChatAsync(key, "m")).ShouldBe(200);
        await admin.PostAsync("/admin/v1/models", """{"name":"n"}""", 503);
        await admin.GetAsync("/admin/v1/models", 503);
        (await admin.ChatAsync(key, "m")).ShouldBe(200);

        await database.AllowConnectionsAsync(true);
        await admin.PostAsync("/admin/v1/models", """{"name":"n"}""");
        (await admin.GetAsync("/admin/v1/models", 200)).GetArrayLength().ShouldBe(2);
    }

    private static TestProduct With(Dictionary<string, string> settings)
    {
        var product = new TestProduct();
        foreach ((string key, string value) in settings)
        {
            product.Settings[key] = value;
        }
        return product;
    }

    private static string DeclareIn(TestProduct product, string yaml)
    {
        string file = Path.Combine(product.DataDirectory, "gateway.yaml");
        File.WriteAllText(file, yaml);
        product.Settings["Gateway:ConfigFile"] = file;
        return file;
    }

    // Whoever starts the service again has its start done again, with what was read when the process began.
    [Fact]
    public async Task Loader_ThatStartsAgain_LeavesTheFilesAsTheyWereReadSince()
    {
        await using var product = new TestProduct();
        DeclareIn(product, Declared);
        await product.StartAsync();
        using CatalogLoader loader = ActivatorUtilities.CreateInstance<CatalogLoader>(product.Services);
        await loader.StartAsync(TestContext.Current.CancellationToken);
        CatalogSources sources = product.Services.GetRequiredService<CatalogSources>();
        CatalogDefinition changed = sources.File with { Models = [sources.File.Models[0] with { Name = "changed" }] };
        sources.ReplaceFile(changed, ProviderWeights.None).ShouldBeEmpty();

        await loader.StartAsync(TestContext.Current.CancellationToken);

        product.Catalog.Current.FindModel("changed").ShouldNotBeNull();
        product.Catalog.Current.FindModel("declared").ShouldBeNull();
        await loader.StopAsync(TestContext.Current.CancellationToken);
    }
}
