using System.Text.Json;
using Gateway.Web.Administration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

public class FirstStartTests
{
    [Fact]
    public async Task Development_EmptyDatabase_HasSomethingToPlayWith()
    {
        await using var product = new TestProduct { EnvironmentName = "Development" };
        HttpClient admin = await product.StartAsync();
        await Eventually.TrueAsync(() => product.Catalog.Current.Keys.Count == 1);
        JsonElement models = await admin.GetAsync("/admin/v1/models", 200);
        models.EnumerateArray().Select(m => m.GetProperty("name").GetString()).ShouldBe(["sim-chat", "sim-embedding", "sim-failing", "sim-reasoning"]);
        (await admin.GetAsync("/admin/v1/routes", 200))[0].GetProperty("name").GetString().ShouldBe("demo");
        (await admin.GetAsync("/admin/v1/audit", 200)).EnumerateArray().ShouldAllBe(e => e.GetProperty("actor").GetString() == "system");
    }

    [Fact]
    public async Task Production_EmptyDatabase_StaysEmpty()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        foreach (string list in (string[])["models", "providers", "routes", "keys"])
        {
            (await admin.GetAsync($"/admin/v1/{list}", 200)).GetArrayLength().ShouldBe(0);
        }
    }

    [Fact]
    public void Compose_PasswordAndKey_ShowsBothWithACurlLine()
    {
        string text = FirstStartText.Compose("http://localhost:8080", "pass", "ml-key");
        text.ShouldContain("Password   pass");
        text.ShouldContain("curl http://localhost:8080/v1/chat/completions");
        text.ShouldContain("-H 'Authorization: Bearer ml-key'");
        FirstStartText.Compose("http://localhost:8080", "pass", null).ShouldNotContain("curl");
    }
}
