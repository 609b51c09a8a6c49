using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Hosting;
using Gateway.Tests.Storage;
using Gateway.Web.Security;
using Gateway.Web.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Backups;

/// <summary>What people have set up goes from one gateway to another, with its secrets, and to nobody else.</summary>
public class BackupTests
{
    private const string V1 = "/admin/v1";
    private const string Passphrase = "four words and a comma,";
    private const string ProviderSecret = "sk-canary-of-a-provider";
    private const string HookSecret = "canary-of-a-webhook";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Restore_IntoAnEmptyGateway_ServesAsTheOldOneDid(string kind)
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        JsonElement backup;
        string key;
        await using (var old = new TestProduct())
        {
            HttpClient admin = await old.StartAsync();
            key = await SetUpAsync(admin, upstream.Url);
            backup = await admin.PostAsync(V1 + "/backup", Body(new { passphrase = Passphrase }), 200);
            (await admin.GetAsync(V1 + "/audit?limit=1", 200))[0].GetProperty("action").GetString().ShouldBe("backup.make");
        }
        string file = backup.GetRawText();
        foreach (string secret in (string[])[ProviderSecret, HookSecret, key, Passphrase, "sold-out"])
        {
            file.ShouldNotContain(secret);
            Encoding.UTF8.GetString(Convert.FromBase64String(backup.GetProperty("data").GetString()!)).ShouldNotContain(secret);
        }
        await using TestDatabase? database = kind == "postgres" ? await TestDatabase.EmptyPostgresAsync() : null;
        await using var product = new TestProduct();
        if (database is not null)
        {
            product.Settings["Database:Provider"] = "postgres";
            product.Settings["ConnectionStrings:Gateway"] = database.Settings.ConnectionString;
        }
        HttpClient now = await product.StartAsync();

        JsonElement tried = await now.PostAsync(V1 + "/restore", Restoring(backup), 200);
        (tried.GetProperty("applied").ValueKind, tried.GetProperty("documents").GetInt32()).ShouldBe((JsonValueKind.Null, 2));
        (await now.GetAsync(V1 + "/models", 200)).EnumerateArray().ShouldNotContain(m => m.GetProperty("name").GetString() == "sold-out");
        (await now.GetAsync(V1 + "/alerts/channels", 200)).GetArrayLength().ShouldBe(0);
        JsonElement done = await now.PostAsync(V1 + "/restore", Restoring(backup, dryRun: false), 200);

        done.GetProperty("applied").GetInt64().ShouldBeGreaterThan(0);
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent("""{"model":"sold-out","messages":[{"role":"user","content":"hi"}]}""", Encoding.UTF8, "application/json") };
        call.Headers.Add("Authorization", "Bearer " + key);
        (await now.SendAsync(call, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        upstream.Seen.Single().Headers["Authorization"].ShouldBe("Bearer " + ProviderSecret);
        await using GatewayDbContext context = await product.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        string channel = (await context.Documents.SingleAsync(d => d.Kind == "alert-channel", Cancel)).BodyJson;
        channel.ShouldNotContain(HookSecret);
        product.Services.GetRequiredService<SecretProtector>().TryUnprotect(JsonNode.Parse(channel)!["protected_secret"]!.GetValue<string>()).ShouldBe(HookSecret);
        (await now.GetAsync(V1 + "/slos", 200))[0].GetProperty("model").GetString().ShouldBe("sold-out");

        // Once more changes nothing.
        JsonElement again = await now.PostAsync(V1 + "/restore", Restoring(backup), 200);
        (again.GetProperty("differences").GetArrayLength(), again.GetProperty("documents").GetInt32()).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Make_OfWhatCannotBeDecrypted_LeavesItOutAndSaysSo()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await SetUpAsync(admin, upstream.Url);
        await using (GatewayDbContext context = await product.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel))
        {
            await context.Credentials.ExecuteUpdateAsync(c => c.SetProperty(r => r.EncryptedSecret, "of another key ring"), Cancel);
        }

        JsonElement backup = await admin.PostAsync(V1 + "/backup", Body(new { passphrase = Passphrase }), 200);

        JsonElement tried = await admin.PostAsync(V1 + "/restore", Restoring(backup), 200);
        tried.GetProperty("notes").EnumerateArray().Select(n => n.GetString()).ShouldContain(n => n!.Contains("no secret of the credential \"main\" of provider \"vendor\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restore_OverLaterChanges_TakesThemBackButNotWhatConcernsKeys()
    {
        await using ScriptedUpstream upstream = ScriptedUpstream.Json(Answers.Chat);
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await SetUpAsync(admin, upstream.Url);
        await admin.PostAsync(V1 + "/keys", """{"name":"gone"}""");
        JsonElement backup = await admin.PostAsync(V1 + "/backup", Body(new { passphrase = Passphrase }), 200);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{product.Catalog.Current.Definition.Keys.Single(k => k.Name == "gone").Id}", 204);
        await admin.PostAsync(V1 + "/keys", """{"name":"later"}""");
        await admin.PostAsync(V1 + "/models", """{"name":"mistake","backends":[{"provider":"vendor"}]}""");
        JsonElement provider = (await admin.GetAsync(V1 + "/providers", 200)).EnumerateArray().Single(p => p.GetProperty("name").GetString() == "vendor");
        string credential = provider.GetProperty("credentials")[0].Id();
        await admin.PutAsync($"{V1}/providers/{provider.Id()}", Body(new { credentials = new[] { new { id = credential, label = "main", secret = "another" } } }));

        JsonElement done = await admin.PostAsync(V1 + "/restore", Restoring(backup, dryRun: false), 200);

        string notes = string.Join('\n', done.GetProperty("notes").EnumerateArray().Select(n => n.GetString()));
        notes.ShouldContain("\"gone\" was revoked since and stays revoked");
        notes.ShouldContain("\"later\" was issued since and stays as it is");
        (await admin.GetAsync(V1 + "/models", 200)).EnumerateArray().ShouldNotContain(m => m.GetProperty("name").GetString() == "mistake");
        product.Catalog.Current.Definition.Providers.Single(p => p.Name == "vendor").Credentials.Single().Secret.ShouldBe(ProviderSecret);
        product.Catalog.Current.Definition.Keys.Select(k => k.Name).ShouldContain("later");
        product.Catalog.Current.Definition.Keys.Select(k => k.Name).ShouldNotContain("gone");
        (await admin.GetAsync(V1 + "/configuration/versions?limit=1", 200))[0].GetProperty("note").GetString()!.ShouldContain("restore");
    }

    [Theory]
    [InlineData("another passphrase", "", "passphrase is not the one")]
    [InlineData(Passphrase, "data", "file was changed")]
    [InlineData(Passphrase, "tag", "file was changed")]
    [InlineData(Passphrase, "made_by", "file was changed")]
    [InlineData(Passphrase, "made_at", "file was changed")]
    [InlineData(Passphrase, "format", "no backup")]
    [InlineData(Passphrase, "nonce", "no backup")]
    // Whoever made the file says how long it takes to try a passphrase.
    [InlineData(Passphrase, "key_iterations", "no backup")]
    public async Task Restore_WhatCannotBeOpened_SaysSoAndChangesNothing(string passphrase, string changed, string message)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        var backup = (JsonObject)JsonNode.Parse((await admin.PostAsync(V1 + "/backup", Body(new { passphrase = Passphrase }), 200)).GetRawText())!;
        switch (changed)
        {
            case "data" or "tag":
                byte[] bytes = Convert.FromBase64String(backup[changed]!.GetValue<string>());
                bytes[^1] ^= 1;
                backup[changed] = Convert.ToBase64String(bytes);
                break;
            case "made_by" or "format":
                backup[changed] = "somebody else";
                break;
            case "made_at":
                backup[changed] = "2020-01-01T00:00:00Z";
                break;
            case "nonce":
                backup[changed] = "AAAA";
                break;
            case "key_iterations":
                backup[changed] = 10_000_001;
                break;
        }
        long before = product.Catalog.Current.Version;

        JsonElement problem = await admin.PostAsync(V1 + "/restore", Body(new { passphrase, backup, dry_run = false }), 400);

        problem.GetRawText().ShouldContain(message);
        product.Catalog.Current.Version.ShouldBe(before);
    }

    [Theory]
    [InlineData("""{"passphrase":"too short"}""")]
    [InlineData("{}")]
    public async Task Make_WithoutAPassphraseThatIsWorthIt_IsRefused(string body)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();

        (await admin.PostAsync(V1 + "/backup", body, 400)).GetRawText().ShouldContain("At least 12 characters");
    }

    /// <summary>A vendor with a secret, a model, a target and a channel with a secret; the text of the key that may call.</summary>
    private static async Task<string> SetUpAsync(HttpClient admin, Uri upstream)
    {
        await admin.PostAsync(V1 + "/providers", Body(new { name = "vendor", kind = "openai-compatible", base_url = upstream, credentials = new[] { new { label = "main", secret = ProviderSecret } } }));
        await admin.PostAsync(V1 + "/models", """{"name":"sold-out","backends":[{"provider":"vendor"}]}""");
        await admin.PostAsync(V1 + "/slos", """{"model":"sold-out","error_rate_percent":1,"window_days":7}""");
        await admin.PostAsync(V1 + "/alerts/channels", Body(new { name = "hook", type = "webhook", url = "http://127.0.0.1:9/hook", secret = HookSecret }));
        return (await admin.PostAsync(V1 + "/keys", """{"name":"app","rpm_limit":0}""")).GetProperty("key").GetString()!;
    }

    private static string Restoring(JsonElement backup, bool dryRun = true) => Body(new { passphrase = Passphrase, backup, dry_run = dryRun });

    private static string Body(object value) => JsonSerializer.Serialize(value);
}
