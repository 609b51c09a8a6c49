using System.Text.Json;
using Gateway.Tests.Storage;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Storage;
using Gateway.Web.Storage.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Gateway.Tests.Administration.Configuration.ConfigurationFixture;

namespace Gateway.Tests.Administration.Configuration;

/// <summary>Every change leaves a version; versions can be compared and gone back to.</summary>
public class HistoryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Changes_OfEveryKind_LeaveVersionsWithTheirDifference(string kind)
    {
        await using TestDatabase? database = kind == "postgres" ? await TestDatabase.EmptyPostgresAsync() : null;
        await using var product = new TestProduct();
        Use(product, database);
        HttpClient admin = await product.StartAsync();
        await FillAsync(admin);

        JsonElement versions = await admin.GetAsync(Api + "/versions", 200);
        JsonElement audit = await admin.GetAsync(V1 + "/audit", 200);

        versions.GetArrayLength().ShouldBe(audit.GetArrayLength());
        versions[0].GetProperty("note").GetString().ShouldBe("price.create gpt-4o");
        versions[0].GetProperty("actor").GetString().ShouldBe("admin-key");
        versions[0].GetProperty("is_current").GetBoolean().ShouldBeTrue();
        long first = versions[versions.GetArrayLength() - 1].GetProperty("version").GetInt64();
        JsonElement diff = await admin.GetAsync($"{Api}/diff?from={first}", 200);
        string[] lines = Lines(diff.GetProperty("differences"));
        lines.ShouldContain("created models chat: backends[sim gpt-4o].weight – → 7");
        lines.ShouldContain("created keys search: production: key_hash – → – (secret)");
        lines.ShouldContain("created limits team search: rpm_limit – → 100");
        lines.ShouldContain("created budgets monthly: amount_usd – → 250.5");
        lines.ShouldNotContain(l => l.Contains("openai eu:"));
    }

    [Fact]
    public async Task Diff_OfAChange_NamesFieldBeforeAndAfterAndTellsNoSecret()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await FillAsync(admin);
        JsonElement provider = (await admin.GetAsync(V1 + "/providers", 200)).EnumerateArray().First(p => p.GetProperty("name").GetString() == "openai eu");
        string credential = provider.GetProperty("credentials")[0].Id();
        string other = provider.GetProperty("credentials")[1].Id();
        await admin.PutAsync($"{V1}/providers/{provider.Id()}", $$"""{"credentials":[{"id":"{{credential}}","secret":"sk-another"},{"id":"{{other}}"}],"settings":{"timeout_ms":"60000"},"name":"openai"}""");
        long version = (await admin.GetAsync(Api + "/versions", 200))[0].GetProperty("version").GetInt64();

        JsonElement diff = await admin.GetAsync($"{Api}/diff?to={version}", 200);

        Lines(diff.GetProperty("differences")).ShouldBe(
        [
            "changed providers openai: name openai eu → openai",
            "changed providers openai: credentials[main].secret – → – (secret)",
            "changed providers openai: settings.timeout_ms 90000 → 60000",
            "changed providers openai: settings.organization org-1 → –",
            "changed models chat: backends[openai].provider openai eu → openai",
        ], ignoreOrder: true);
        string all = diff.GetRawText() + (await admin.GetAsync($"{Api}/versions/{version}", 200)).GetRawText();
        all.ShouldNotContain("sk-another");
        all.ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Rollback_AfterMuchWasChanged_BringsEverythingBackButRevokedKeysAndOldSecrets(string kind)
    {
        await using TestDatabase? database = kind == "postgres" ? await TestDatabase.EmptyPostgresAsync() : null;
        await using var product = new TestProduct();
        Use(product, database);
        HttpClient admin = await product.StartAsync();
        string text = await FillAsync(admin);
        string revoked = (await admin.PostAsync(V1 + "/keys", """{"name":"to be revoked"}""")).GetProperty("api_key").Id();
        long version = (await admin.GetAsync(Api + "/versions", 200))[0].GetProperty("version").GetInt64();
        (await admin.ChatAsync(text, "chat")).ShouldBe(200);

        JsonElement model = (await admin.GetAsync(V1 + "/models", 200))[0];
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/budgets/{(await admin.GetAsync(V1 + "/budgets", 200))[0].Id()}", 204);
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/routes/{(await admin.GetAsync(V1 + "/routes", 200))[0].Id()}", 204);
        await admin.PutAsync($"{V1}/models/{model.Id()}", """{"description":"changed","backends":[]}""");
        JsonElement provider = (await admin.GetAsync(V1 + "/providers", 200)).EnumerateArray().First(p => p.GetProperty("name").GetString() == "openai eu");
        await admin.PutAsync($"{V1}/providers/{provider.Id()}", $$"""{"credentials":[{"id":"{{provider.GetProperty("credentials")[0].Id()}}","secret":"sk-the-new-one"}]}""");
        await admin.SendAsync(HttpMethod.Delete, $"{V1}/keys/{revoked}", 204);
        string issued = (await admin.PostAsync(V1 + "/keys", """{"name":"issued since"}""")).GetProperty("key").GetString()!;

        JsonElement dry = await admin.PostAsync($"{Api}/versions/{version}/rollback", "{}", 200);
        (await admin.GetAsync($"{V1}/models/{model.Id()}", 200)).GetProperty("description").GetString().ShouldBe("changed");
        JsonElement done = await admin.PostAsync($"{Api}/versions/{version}/rollback", """{"dry_run":false}""", 200);

        done.GetProperty("differences").GetRawText().ShouldBe(dry.GetProperty("differences").GetRawText());
        string[] notes = [.. done.GetProperty("notes").EnumerateArray().Select(n => n.GetString()!)];
        notes.ShouldContain("The key \"to be revoked\" was revoked since and stays revoked.");
        notes.ShouldContain("The key \"issued since\" was issued since and stays as it is.");
        notes.ShouldContain("The credential \"main\" of provider \"openai eu\" keeps its present secret, which was entered since.");
        notes.ShouldContain("The credential \"second\" of provider \"openai eu\" was deleted since; it comes back with the secret that it had.");
        JsonElement diff = await admin.GetAsync($"{Api}/diff?from={version}", 200);
        Lines(diff.GetProperty("differences")).ShouldBe(
        [
            "removed keys to be revoked: name to be revoked → –",
            "removed keys to be revoked: key_hash – → – (secret)",
            "created keys issued since: name – → issued since",
            "created keys issued since: key_hash – → – (secret)",
            "changed providers openai eu: credentials[main].secret – → – (secret)",
        ], ignoreOrder: true);
        (await admin.GetAsync($"{V1}/keys/{revoked}", 200)).GetProperty("revoked_at").ValueKind.ShouldBe(JsonValueKind.String);
        product.Catalog.Current.Providers["openai eu"].Credentials.Select(c => c.Secret).ShouldBe(["sk-the-new-one", Secret + "-2"]);
        // In force on return, and usage is untouched.
        (await admin.ChatAsync(text, "chat")).ShouldBe(200);
        (await admin.ChatAsync(issued, "chat")).ShouldBe(200);
        (await admin.GetAsync(V1 + "/usage", 200)).GetProperty("requests").GetInt64().ShouldBe(3);
        (await admin.GetAsync(V1 + "/audit?action=configuration.rollback", 200)).GetArrayLength().ShouldBe(1);
        (await admin.PostAsync($"{Api}/versions/{version}/rollback", """{"dry_run":false}""", 400)).GetProperty("detail").GetString()!.ShouldContain("already");
    }

    [Fact]
    public async Task Rollback_ToWhatIsNotKept_IsNotFound()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync($"{Api}/versions/4711/rollback", "{}", 404);
        await admin.GetAsync($"{Api}/diff?from=4711", 404);
        await admin.GetAsync($"{Api}/versions/x", 400);
    }

    [Fact]
    public async Task FirstChange_OfAGatewayThatKeptNoVersions_KeepsWhatWasThereAsWell()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/teams", """{"name":"before"}""");
        await ForgetAsync(product);
        await admin.PostAsync(V1 + "/teams", """{"name":"after"}""");

        JsonElement versions = await admin.GetAsync(Api + "/versions", 200);

        versions.EnumerateArray().Select(v => v.GetProperty("note").GetString()).ShouldBe(["team.create after", "as it was found"]);
    }

    [Fact]
    public async Task Prune_ManyVersions_KeepsTheNewestAndTheYoung()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await admin.PostAsync(V1 + "/teams", """{"name":"one"}""");
        await ForgetAsync(product);
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000);
        await using GatewayDbContext context = await product.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        const int Extra = 20;
        for (int i = 1; i <= VersionKeeping.NewestKept + Extra; i++)
        {
            // The first half of the surplus is old, the second young.
            DateTimeOffset at = i <= Extra / 2 ? now - VersionKeeping.KeptFor - TimeSpan.FromDays(1) : now;
            context.ConfigVersions.Add(new ConfigVersionRow { Version = i, At = at, Actor = "test", Note = "test", Body = [1] });
        }
        await context.SaveChangesAsync(Cancel);

        await VersionKeeping.PruneAsync(context, now, Cancel);

        (await context.ConfigVersions.CountAsync(Cancel)).ShouldBe(VersionKeeping.NewestKept + (Extra / 2));
        (await context.ConfigVersions.MinAsync(v => v.Version, Cancel)).ShouldBe((Extra / 2) + 1);
    }

    private static async Task ForgetAsync(TestProduct product)
    {
        await using GatewayDbContext context = await product.Services.GetRequiredService<IDbContextFactory<GatewayDbContext>>().CreateDbContextAsync(Cancel);
        await context.ConfigVersions.ExecuteDeleteAsync(Cancel);
    }
}
