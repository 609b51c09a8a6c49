using System.Text;
using System.Text.Json;
using Gateway.Web.Administration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

public class SecretsTests
{
    private const string Secret = "sk-upstream-secret-0123456789";

    [Fact]
    public async Task Credential_Saved_IsNowhereInTheClear()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement provider = await admin.PostAsync("/admin/v1/providers", $$"""
            {"name":"p","base_url":"https://p.example","credentials":[{"label":"main","secret":"{{Secret}}"}]}
            """);
        provider.GetRawText().ShouldNotContain(Secret);
        (await admin.GetAsync("/admin/v1/providers", 200)).GetRawText().ShouldNotContain(Secret);
        (await admin.GetAsync("/admin/v1/audit", 200)).GetRawText().ShouldNotContain(Secret);
        product.Catalog.Current.Providers["p"].Credentials.ShouldHaveSingleItem().Secret.ShouldBe(Secret);
        foreach (string file in Directory.GetFiles(product.DataDirectory, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            (await ReadSharedAsync(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)).ShouldBe(-1, file);
        }
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(product.DataDirectory, "gateway.key")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void IssuedKey_Printed_DoesNotTellTheKey()
    {
        var issued = new IssuedKey("ml-the-whole-of-it", new KeyView { Id = "k", Name = "k", KeyPrefix = "ml-the" });

        $"{issued}".ShouldNotContain("whole");
    }

    [Fact]
    public async Task Credential_ChangedWithoutSecret_KeepsItsSecret()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement provider = await admin.PostAsync("/admin/v1/providers", $$"""
            {"name":"p","base_url":"https://p.example","credentials":[{"label":"main","secret":"{{Secret}}"}]}
            """);
        string credential = provider.GetProperty("credentials")[0].Id();
        await admin.PutAsync($"/admin/v1/providers/{provider.Id()}", $$"""
            {"credentials":[{"id":"{{credential}}","rpm_limit":7},{"label":"second","secret":"sk-2"}]}
            """);
        product.Catalog.Current.Providers["p"].Credentials.Select(c => (c.Label, c.Secret, c.RpmLimit)).ShouldBe([("main", Secret, 7), ("second", "sk-2", null)]);
        await admin.PutAsync($"/admin/v1/providers/{provider.Id()}", """{"credentials":[{"label":"third"}]}""", 400);
    }

    [Fact]
    public async Task Restart_SameMasterKey_ReadsCredentials_AnotherOneDoesNot()
    {
        string directory = Directory.CreateTempSubdirectory("gateway-restart-").FullName;
        try
        {
            await using (TestProduct first = Product(directory, "a master key of the test"))
            {
                await (await first.StartAsync()).PostAsync("/admin/v1/providers", $$"""
                    {"name":"p","base_url":"https://p.example","credentials":[{"label":"main","secret":"{{Secret}}"}]}
                    """);
                File.Exists(Path.Combine(directory, "gateway.key")).ShouldBeFalse("a configured key needs no file");
            }
            await using (TestProduct same = Product(directory, "a master key of the test"))
            {
                await same.StartAsync();
                same.Catalog.Current.Providers["p"].Credentials.ShouldHaveSingleItem().Secret.ShouldBe(Secret);
            }
            await using (TestProduct other = Product(directory, "another master key, alas"))
            {
                HttpClient admin = await other.StartAsync();
                other.Catalog.Current.Providers["p"].Credentials.ShouldBeEmpty();
                JsonElement seen = (await admin.GetAsync("/admin/v1/providers", 200))[0];
                await admin.PutAsync($"/admin/v1/providers/{seen.Id()}", $$"""{"credentials":[{"id":"{{seen.GetProperty("credentials")[0].Id()}}","secret":"sk-new"}]}""");
                other.Catalog.Current.Providers["p"].Credentials.ShouldHaveSingleItem().Secret.ShouldBe("sk-new");
            }
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directories.Remove(directory);
        }
    }

    private static TestProduct Product(string directory, string masterKey) =>
        new(directory) { Settings = { ["Gateway:Security:MasterKey"] = masterKey } };

    private static async Task<byte[]> ReadSharedAsync(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
        return copy.ToArray();
    }
}
