using System.Text.Json;
using Gateway.Web.Configuration;
using Gateway.Web.Security;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

/// <summary>What is in force and what sets it, without a secret.</summary>
public class SettingsApiTests
{
    private const string V1 = "/admin/v1/settings";

    [Fact]
    public async Task Settings_EveryOne_WithItsValueAndSource()
    {
        await using var product = new TestProduct();
        product.Settings["Gateway:Limits:MaxRequestBodyBytes"] = "1048576";
        product.Settings["Gateway:Upstreams:IdleTimeout"] = "1m";
        HttpClient admin = await product.StartAsync();

        JsonElement list = await admin.GetAsync(V1, 200);

        list.EnumerateArray().Select(s => s.GetProperty("key").GetString()).ShouldBe(KnownSettings.All.Select(s => s.Key));
        JsonElement body = Of(list, "Gateway:Limits:MaxRequestBodyBytes");
        (body.GetProperty("value").GetString(), body.GetProperty("default").GetString(), body.GetProperty("unit").GetString(), body.GetProperty("is_default").GetBoolean())
            .ShouldBe(("1048576", "33554432", "bytes", false));
        body.GetProperty("source").GetString().ShouldNotBe("default");
        Of(list, "Gateway:Upstreams:IdleTimeout").GetProperty("is_default").GetBoolean().ShouldBeTrue("a minute is sixty seconds");
        JsonElement port = Of(list, "Gateway:Port");
        port.GetProperty("names").EnumerateArray().Select(n => n.GetString()).ShouldBe(["PORT", "OMNI_PORT", "Gateway__Port"]);
        // The repository's own file sets it, to what it would be anyway.
        (port.GetProperty("source").GetString(), port.GetProperty("origin").GetString(), port.GetProperty("is_default").GetBoolean()).ShouldBe(("json", "appsettings.json", true));
        JsonElement role = Of(list, "Gateway:Role");
        (role.GetProperty("source").GetString(), role.GetProperty("origin").ValueKind, role.GetProperty("group").GetString()).ShouldBe(("default", JsonValueKind.Null, "The process"));
        Of(list, "Gateway:SignIn:DefaultRole").GetProperty("source").GetString().ShouldBe("database");
        JsonElement node = Of(list, "Gateway:NodeName");
        (node.GetProperty("value").GetString(), node.GetProperty("default").GetString(), node.GetProperty("is_default").GetBoolean()).ShouldBe((Environment.MachineName, Environment.MachineName, true));
    }

    [Fact]
    public async Task Settings_InDevelopment_AreWhatHoldsThere()
    {
        await using var product = new TestProduct { EnvironmentName = "Development" };
        product.Settings.Remove("Gateway:Shutdown:Delay");
        product.Settings.Remove("Gateway:Upstreams:AllowedNetworks");
        product.Settings["Gateway:Server:ReadTimeout"] = "5s";
        HttpClient admin = await product.StartAsync();

        JsonElement list = await admin.GetAsync(V1, 200);

        JsonElement delay = Of(list, "Gateway:Shutdown:Delay");
        (delay.GetProperty("value").GetString(), delay.GetProperty("default").GetString(), delay.GetProperty("is_default").GetBoolean()).ShouldBe(("0s", "0s", true));
        Of(list, "Gateway:Upstreams:AllowedNetworks").GetProperty("value").GetString().ShouldBe("127.0.0.0/8, ::1/128");
        Of(list, "Gateway:Host").GetProperty("default").GetString().ShouldBe("localhost");
        Of(list, "Gateway:Server:ReadTimeout").GetProperty("is_default").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Settings_Secrets_OnlySayWhetherTheyAreSet()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();

        JsonElement list = await admin.GetAsync(V1, 200);

        list.GetRawText().ShouldNotContain(TestProduct.AdminKey);
        list.GetRawText().ShouldNotContain(product.Settings["Gateway:Admin:Password"]);
        JsonElement key = Of(list, "Gateway:AdminKey");
        (key.GetProperty("is_set").GetBoolean(), key.GetProperty("value").ValueKind, key.GetProperty("is_default").GetBoolean()).ShouldBe((true, JsonValueKind.Null, false));
        Of(list, "Gateway:Upstreams:OpenAI:ApiKey").GetProperty("is_set").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Settings_Viewer_SeesThemAndWhatIsKept_AndMayStopNothing()
    {
        await using var product = new TestProduct();
        product.Settings["Gateway:Usage:RetentionDays"] = "30";
        await product.StartAsync();
        HttpClient viewer = product.Browser();
        viewer.DefaultRequestHeaders.Add("Cookie", await product.CookieOfAsync(ConsoleRoles.Viewer, TimeProvider.System.GetUtcNow()));
        viewer.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");

        (await viewer.GetAsync(V1, 200)).GetArrayLength().ShouldBe(KnownSettings.All.Count);
        JsonElement kept = await viewer.GetAsync(V1 + "/retention", 200);
        JsonElement[] rows = [.. kept.GetProperty("kept").EnumerateArray()];
        (rows[0].GetProperty("setting").GetString(), rows[0].GetProperty("days").GetInt32(), rows[0].GetProperty("rows").GetInt64()).ShouldBe(("Gateway:Usage:RetentionDays", 30, 0));
        rows.Select(r => r.GetProperty("setting").GetString()).ShouldContain("Gateway:Capture:RetentionDays");
        kept.GetProperty("database_bytes").GetInt64().ShouldBePositive();
        (await viewer.PostAsync(V1 + "/redact", """{"text":"{\"api_key\":\"x\"} and"}""", 200)).GetProperty("text").GetString().ShouldNotBeNullOrEmpty();
        (await viewer.PostAsync(V1 + "/redact", """{"text":"{\"api_key\":\"very secret\"}"}""", 200)).GetProperty("text").GetString().ShouldBe("""{"api_key":"<redacted:api_key>"}""");
        (await viewer.PostAsync(V1 + "/redact", "{}", 400)).Paths().ShouldBe(["text"]);
        await viewer.SendAsync(HttpMethod.Delete, "/admin/v1/captures", 403);
    }

    [Fact]
    public async Task Captures_StopAll_EndsThemForEveryKey()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        foreach (string name in (string[])["a", "b", "c"])
        {
            string id = (await admin.PostAsync("/admin/v1/keys", $$"""{"name":"{{name}}"}""")).GetProperty("api_key").Id();
            if (name != "c")
            {
                await admin.PostAsync($"/admin/v1/keys/{id}/capture", "{}", 200);
            }
        }

        (await admin.SendAsync(HttpMethod.Delete, "/admin/v1/captures", 200)).GetProperty("changed").GetInt32().ShouldBe(2);

        (await admin.GetAsync("/admin/v1/keys", 200)).EnumerateArray().ShouldAllBe(k => k.GetProperty("capture_left").GetInt32() == 0);
        (await admin.GetAsync("/admin/v1/captures", 200)).GetProperty("calls").GetInt64().ShouldBe(0);
    }

    private static JsonElement Of(JsonElement list, string key) => list.EnumerateArray().Single(s => s.GetProperty("key").GetString() == key);
}
