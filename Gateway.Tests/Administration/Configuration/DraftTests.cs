using System.Text.Json;
using Gateway.Tests.Storage;
using Shouldly;
using Xunit;
using static Gateway.Tests.Administration.Configuration.ConfigurationFixture;

namespace Gateway.Tests.Administration.Configuration;

/// <summary>Drafts: started, edited as YAML, checked with lines, applied as one change, refused where others changed the same.</summary>
public class DraftTests
{
    private const string Drafts = Api + "/drafts";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Draft_StartedEditedAndApplied_ChangesJustThatAndIsGone(string kind)
    {
        await using TestDatabase? database = kind == "postgres" ? await TestDatabase.EmptyPostgresAsync() : null;
        await using var product = new TestProduct();
        Use(product, database);
        HttpClient admin = await product.StartAsync();
        string text = await FillAsync(admin);
        JsonElement draft = await admin.PostAsync(Drafts, """{"name":"try"}""");
        draft.GetProperty("problems").GetArrayLength().ShouldBe(0, draft.GetRawText());
        Lines(draft.GetProperty("differences")).ShouldBeEmpty();
        string yaml = draft.GetProperty("yaml").GetString()!;
        yaml.ShouldContain("secret: ${OPENAI_EU_MAIN}");
        yaml.ShouldNotContain(Secret);

        yaml = yaml.Replace("weight: 7", "weight: 9") + "  - {model: other, input_per_million: 1}\n";
        draft = await admin.PutAsync($"{Drafts}/{draft.Id()}", JsonSerializer.Serialize(new { yaml }));
        Lines(draft.GetProperty("differences")).ShouldBe(
        [
            "changed models chat: backends[sim gpt-4o].weight 7 → 9",
            "created prices other: model – → other",
            "created prices other: input_per_million – → 1",
        ]);
        JsonElement applied = await admin.PostAsync($"{Drafts}/{draft.Id()}/apply", "{}", 200);

        applied.GetProperty("differences").GetRawText().ShouldBe(draft.GetProperty("differences").GetRawText());
        (await admin.GetAsync(V1 + "/models", 200))[0].GetProperty("backends")[0].GetProperty("weight").GetInt32().ShouldBe(9);
        product.Catalog.Current.Providers["openai eu"].Credentials[0].Secret.ShouldBe(Secret);
        (await admin.ChatAsync(text, "chat")).ShouldBe(200);
        (await admin.GetAsync(Drafts, 200)).GetArrayLength().ShouldBe(0);
        (await admin.GetAsync(Api + "/versions", 200))[0].GetProperty("note").GetString().ShouldBe("configuration.apply try");
    }

    [Theory]
    [InlineData("models:\n  - name: m\n    backends:\n      - provider: nobody\n", 4, "models[m].backends[0].provider")]
    [InlineData("models:\n  - name: m\n    wieght: 3\n", 3, "models[0].wieght")]
    [InlineData("models:\n  - name: m\n    backends: [\n", 4, "")]
    [InlineData("providers:\n  - name: p\n    kind: openai\n    base_url: ${BASE}\n", 4, "providers[0].base_url")]
    [InlineData("keys:\n  - name: k\n    key: ${KEY}\n", 2, "keys[k]")]
    [InlineData("keys:\n  - name: k\n    key_hash: 00\n", 3, "keys[0].key_hash")]
    [InlineData("budgets:\n  - name: b\n    scope: team\n    of: none\n    amount_usd: 1\n", 4, "budgets[b].of")]
    [InlineData("gateway:\n  limits:\n    nothing: 3\n", 3, "gateway.limits.nothing")]
    [InlineData("routes:\n  - name: r\n    steps: []\n", 3, "routes[r].steps")]
    public async Task Draft_ThatIsWrong_NamesLineAndReason(string yaml, int line, string path)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement draft = await admin.PostAsync(Drafts, JsonSerializer.Serialize(new { name = "wrong", yaml }));
        JsonElement problem = draft.GetProperty("problems")[0];
        (problem.GetProperty("line").GetInt64(), problem.GetProperty("path").GetString()).ShouldBe((line, path), draft.GetProperty("problems").GetRawText());
        await admin.PostAsync($"{Drafts}/{draft.Id()}/apply", "{}", 400);
    }

    [Theory]
    [InlineData("providers:\n  - name: p\n    kind: openai\n    api_key: sk-written\n", 4)]
    [InlineData("providers:\n  - name: p\n    credentials:\n      - {label: a, secret: \"sk-written\"}\n", 4)]
    [InlineData("providers:\n  - name: [\n    api_key: sk-written\n", 3)]
    public async Task Draft_WithAWrittenSecret_IsNotEvenKept(string yaml, int line)
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement problem = await admin.PostAsync(Drafts, JsonSerializer.Serialize(new { name = "leak", yaml }), 400);
        problem.GetRawText().ShouldContain($"Line {line}");
        problem.GetRawText().ShouldNotContain("sk-written");
        (await admin.GetAsync(Drafts, 200)).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Draft_WithANewCredential_AsksForItsSecretAndKeepsItNowhereButEncrypted()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement draft = await admin.PostAsync(Drafts, JsonSerializer.Serialize(new { name = "new", yaml = "providers:\n  - name: p\n    kind: openai\n    credentials:\n      - {label: a, secret: \"${MY_KEY}\"}\n" }));
        draft.GetProperty("needed")[0].GetProperty("name").GetString().ShouldBe("MY_KEY");
        (await admin.PostAsync($"{Drafts}/{draft.Id()}/apply", "{}", 400)).Paths().ShouldBe(["secrets.MY_KEY"]);
        JsonElement rebased = await admin.PostAsync($"{Drafts}/{draft.Id()}/rebase", "{}", 200);
        rebased.GetProperty("yaml").GetString()!.ShouldContain("secret: ${MY_KEY}");

        JsonElement applied = await admin.PostAsync($"{Drafts}/{draft.Id()}/apply", """{"secrets":{"MY_KEY":"sk-given-now"}}""", 200);

        product.Catalog.Current.Providers["p"].Credentials[0].Secret.ShouldBe("sk-given-now");
        (applied.GetRawText() + (await admin.GetAsync(V1 + "/audit", 200)).GetRawText() + (await admin.GetAsync(Api + "/export", 200)).GetRawText()).ShouldNotContain("sk-given-now");
    }

    [Fact]
    public async Task Apply_WhenOthersChangedSomethingElse_KeepsBoth()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await FillAsync(admin);
        JsonElement draft = await admin.PostAsync(Drafts, """{"name":"mine"}""");
        string yaml = draft.GetProperty("yaml").GetString()!.Replace("weight: 7", "weight: 9");
        await admin.PutAsync($"{Drafts}/{draft.Id()}", JsonSerializer.Serialize(new { yaml }));
        JsonElement model = (await admin.GetAsync(V1 + "/models", 200))[0];
        await admin.PutAsync($"{V1}/models/{model.Id()}", """{"description":"theirs"}""");
        await admin.PostAsync(V1 + "/teams", """{"name":"theirs"}""");

        await admin.PostAsync($"{Drafts}/{draft.Id()}/apply", "{}", 200);

        model = (await admin.GetAsync(V1 + "/models", 200))[0];
        (model.GetProperty("description").GetString(), model.GetProperty("backends")[0].GetProperty("weight").GetInt32()).ShouldBe(("theirs", 9));
        (await admin.GetAsync(V1 + "/teams", 200)).GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Apply_WhenOthersChangedTheSame_IsRefusedAndShowsBothUntilOneIsChosen()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await FillAsync(admin);
        JsonElement draft = await admin.PostAsync(Drafts, """{"name":"mine"}""");
        string yaml = draft.GetProperty("yaml").GetString()!.Replace("max_output_tokens: 4096", "max_output_tokens: 1000");
        await admin.PutAsync($"{Drafts}/{draft.Id()}", JsonSerializer.Serialize(new { yaml }));
        JsonElement model = (await admin.GetAsync(V1 + "/models", 200))[0];
        await admin.PutAsync($"{V1}/models/{model.Id()}", """{"max_output_tokens":2000}""");

        JsonElement refused = await admin.PostAsync($"{Drafts}/{draft.Id()}/apply", "{}", 409);
        refused.Paths().ShouldBe(["models[chat].max_output_tokens"]);
        refused.GetProperty("detail").GetString().ShouldBe("Since the draft began it was changed from 4096 to 2000; the draft has 1000.");
        JsonElement seen = (await admin.GetAsync($"{Drafts}/{draft.Id()}", 200)).GetProperty("conflicts")[0];
        (seen.GetProperty("base").GetString(), seen.GetProperty("current").GetString(), seen.GetProperty("draft").GetString()).ShouldBe(("4096", "2000", "1000"));
        await admin.PostAsync($"{Drafts}/{draft.Id()}/rebase", "{}", 409);

        JsonElement rebased = await admin.PostAsync($"{Drafts}/{draft.Id()}/rebase", """{"prefer":"draft"}""", 200);
        Lines(rebased.GetProperty("differences")).ShouldBe(["changed models chat: max_output_tokens 2000 → 1000"]);
        await admin.PostAsync($"{Drafts}/{draft.Id()}/apply", "{}", 200);
        (await admin.GetAsync($"{V1}/models/{model.Id()}", 200)).GetProperty("max_output_tokens").GetInt32().ShouldBe(1000);
    }

    [Fact]
    public async Task Draft_WithoutAKey_RevokesIt()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        string text = await FillAsync(admin);
        JsonElement draft = await admin.PostAsync(Drafts, JsonSerializer.Serialize(new { name = "nothing", yaml = "" }));
        Lines(draft.GetProperty("differences")).ShouldContain("removed keys search: production: name search: production → –");

        await admin.PostAsync($"{Drafts}/{draft.Id()}/apply", "{}", 200);

        (await admin.GetAsync(V1 + "/keys", 200))[0].GetProperty("revoked_at").ValueKind.ShouldBe(JsonValueKind.String);
        (await admin.ChatAsync(text, "chat")).ShouldBe(401);
    }

    [Fact]
    public async Task Drafts_OfOneName_AreRefusedAndDiscardedOnesAreGone()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        JsonElement draft = await admin.PostAsync(Drafts, """{"name":"one"}""");
        await admin.PostAsync(Drafts, """{"name":"one"}""", 409);
        (await admin.PostAsync(Drafts, """{"name":" "}""", 400)).Paths().ShouldBe(["name"]);
        await admin.SendAsync(HttpMethod.Delete, $"{Drafts}/{draft.Id()}", 204);
        await admin.GetAsync($"{Drafts}/{draft.Id()}", 404);
    }
}
