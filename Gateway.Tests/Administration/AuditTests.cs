using System.Text.Json;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration;

public class AuditTests
{
    [Fact]
    public async Task Changes_OfEveryKind_AreWrittenDownWithBeforeAndAfter()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string id = (await admin.PostAsync("/admin/v1/models", """{"name":"m"}""")).Id();
        await admin.PutAsync($"/admin/v1/models/{id}", """{"model_id":"real"}""");
        await admin.PutAsync($"/admin/v1/models/{id}", """{"default_route":"none"}""", 400);
        await admin.SendAsync(HttpMethod.Delete, $"/admin/v1/models/{id}", 204);

        JsonElement[] entries = [.. (await admin.GetAsync($"/admin/v1/audit?entity_id={id}", 200)).EnumerateArray()];

        entries.Select(e => e.GetProperty("action").GetString()).ShouldBe(["model.delete", "model.update", "model.create"], ignoreOrder: true);
        entries.ShouldAllBe(e => e.GetProperty("actor").GetString() == "admin-key");
        JsonElement update = entries.Single(e => e.GetProperty("action").GetString() == "model.update");
        update.GetProperty("before").GetProperty("model_id").ValueKind.ShouldBe(JsonValueKind.Null);
        update.GetProperty("after").GetProperty("model_id").GetString().ShouldBe("real");
        entries.Single(e => e.GetProperty("action").GetString() == "model.create").GetProperty("before").ValueKind.ShouldBe(JsonValueKind.Null);
        entries.Single(e => e.GetProperty("action").GetString() == "model.delete").GetProperty("after").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task IssuedKey_IsAuditedWithoutItsText()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string key = (await admin.PostAsync("/admin/v1/keys", """{"name":"k"}""")).GetProperty("key").GetString()!;
        string audit = (await admin.GetAsync("/admin/v1/audit", 200)).GetRawText();
        audit.ShouldContain("key.create");
        audit.ShouldNotContain(key);
        audit.ShouldNotContain(Gateway.Core.Keys.KeyHash.OfKey(key).ToHex());
    }
}
