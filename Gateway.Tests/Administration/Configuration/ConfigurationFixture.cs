using System.Text.Json;
using Gateway.Tests.Storage;

namespace Gateway.Tests.Administration.Configuration;

/// <summary>A configuration with something of everything, made by the admin API.</summary>
internal static class ConfigurationFixture
{
    public const string V1 = "/admin/v1";
    public const string Api = V1 + "/configuration";
    public const string Secret = "sk-upstream-secret-of-the-test";

    /// <returns>The client key's text.</returns>
    public static async Task<string> FillAsync(HttpClient admin)
    {
        await admin.PostAsync(V1 + "/providers", $$$"""{"name":"openai eu","kind":"openai","credentials":[{"label":"main","secret":"{{{Secret}}}","rpm_limit":500},{"label":"second","secret":"{{{Secret}}}-2"}],"settings":{"timeout_ms":"90000","organization":"org-1"}}""");
        await admin.PostAsync(V1 + "/providers", """{"name":"sim","kind":"simulated","settings":{"output_tokens":"5"}}""");
        JsonElement model = await admin.PostAsync(V1 + "/models", """{"name":"chat","model_id":"gpt-4o","aliases":["chat-latest"],"default_params":{"temperature":0.7,"stop":["a","b"],"nested":{"x":null,"y":true}},"transforms":{"system_prompt_prefix":"Be brief: ${not a variable}\nand kind # always"},"reasoning_config":{"enabled":false},"max_output_tokens":4096,"routing_policy":"least-busy","on_loss":"allow","description":"yes"}""");
        await admin.PostAsync($"{V1}/models/{model.Id()}/backends", """{"provider":"sim","upstream_model":"gpt-4o","weight":7}""");
        await admin.PostAsync($"{V1}/models/{model.Id()}/backends", """{"provider":"openai eu","priority":1,"active":false}""");
        await admin.PostAsync(V1 + "/routes", """{"name":"careful","steps":[{"model":"chat","retries":2,"backoff_ms":0,"timeout_ms":30000},{"provider":"sim","upstream_model":"gpt-4o"}],"retry_on":["timeout","rate_limit"]}""");
        await admin.PostAsync(V1 + "/teams", """{"name":"search","owners":["ada@example.com"],"allowed_models":["chat*"]}""");
        string key = (await admin.PostAsync(V1 + "/keys", """{"name":"search: production","team":"search","rpm_limit":0,"tpm_limit":50000,"expires_at":"2099-01-02T03:04:05Z"}""")).GetProperty("key").GetString()!;
        await admin.PutAsync(V1 + "/limits/team/search", """{"rpm_limit":100,"max_parallel":5}""");
        await admin.PostAsync(V1 + "/budgets", """{"name":"monthly","scope":"team","of":"search","amount_usd":"250.5","time_zone":"Europe/Berlin"}""");
        await admin.PostAsync(V1 + "/prices", """{"model":"gpt-4o","provider":"sim","effective_from":"2020-01-01T00:00:00Z","input_per_million":"2.5","output_per_million":"10"}""");
        return key;
    }

    /// <summary>Makes the product keep its data in PostgreSQL where there is one; in SQLite otherwise.</summary>
    public static void Use(TestProduct product, TestDatabase? database)
    {
        if (database is not null)
        {
            product.Settings["Database:Provider"] = "postgres";
            product.Settings["ConnectionStrings:Gateway"] = database.Settings.ConnectionString;
        }
    }

    /// <summary>The differences as lines: list, name, change, and each field.</summary>
    public static string[] Lines(JsonElement differences) =>
    [
        .. differences.EnumerateArray().SelectMany(d => d.GetProperty("fields").EnumerateArray().Select(f =>
            $"{d.GetProperty("change")} {d.GetProperty("list")} {d.GetProperty("name")}: {f.GetProperty("field")} {Value(f, "before")} → {Value(f, "after")}{(f.GetProperty("secret").GetBoolean() ? " (secret)" : "")}")),
    ];

    private static string Value(JsonElement field, string name) => field.GetProperty(name).ValueKind == JsonValueKind.Null ? "–" : field.GetProperty(name).GetString()!;
}
