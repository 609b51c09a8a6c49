using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Web.Administration.Configuration;
using Gateway.Web.Administration.Configuration.LiteLlm;
using Gateway.Web.Configuration;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;
using static Gateway.Tests.Administration.Configuration.ConfigurationFixture;

namespace Gateway.Tests.Administration.Configuration.LiteLlm;

/// <summary>A LiteLLM configuration becomes a draft that is valid, and each of its settings is told of.</summary>
public class LiteLlmImportTests
{
    private static readonly string[] Written = ["sk-written-one", "sk-written-two", "secret-of-redis", "sk-the-master-key", "user:password", "AKIAIOSFODNN7EXAMPLE secret"];

    public static TheoryData<string> Names => [.. LiteLlmFixtures.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_EverySetting_IsInTheReportOnce(string name)
    {
        string yaml = LiteLlmFixtures.All[name];
        YamlText.TryParse(yaml, out YamlNode? root, out _).ShouldBeTrue();
        LiteLlmReading reading = LiteLlmImport.Read(yaml);

        // Counted on the YAML itself, not by what the importer walks through; merged keys are the importer's to show.
        string[] leaves = [.. Leaves(root!, "")];
        leaves.Length.ShouldBeGreaterThan(1);
        reading.Report.Select(l => l.Path).ShouldBeUnique();
        leaves.Except(reading.Report.Select(l => l.Path)).ShouldBeEmpty();
        reading.Report.ShouldAllBe(l => l.Note.Length > 0 && (l.Verdict == "mapped" || l.Verdict == "approximated" || l.Verdict == "unsupported"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Read_Anything_BecomesAValidConfigurationWithoutSecrets(string name)
    {
        LiteLlmReading reading = LiteLlmImport.Read(LiteLlmFixtures.All[name], new Dictionary<string, string> { ["AZURE_BASE"] = "https://example-embed.openai.azure.com" });
        string yaml = ConfigYaml.Write(reading.Tree, []);

        DraftReading draft = new DraftReader(new CatalogRows(), new CatalogDefinition(), DateTimeOffset.UnixEpoch).Read(yaml);

        draft.Problems.ShouldBeEmpty(yaml);
        draft.Rows.Models.ShouldNotBeEmpty();
        foreach (string secret in Written)
        {
            (yaml + JsonSerializer.Serialize(reading.Report)).ShouldNotContain(secret);
        }
    }

    [Fact]
    public void Read_Production_MapsWhatThereIs()
    {
        LiteLlmReading reading = LiteLlmImport.Read(LiteLlmFixtures.All["production"]);
        JsonObject tree = reading.Tree;

        JsonObject chat = Named(tree, "models", "chat");
        chat["backends"]!.AsArray().Select(b => (string)b!["upstream_model"]!).ShouldBe(["chat-eu", "chat-eu"]);
        chat["backends"]!.AsArray().Select(b => (int)b!["weight"]!).ShouldBe([480, 960]);
        ((string)chat["backends"]![0]!["id"]!).ShouldBe("chat-eu");
        ((string)chat["routing_policy"]!).ShouldBe("least-busy");
        ((string)chat["default_route"]!).ShouldBe("chat-fallbacks");
        chat["aliases"]!.AsArray().Select(a => (string)a!).ShouldBe(["talk"]);
        JsonObject eu = Named(tree, "providers", (string)chat["backends"]![0]!["provider"]!);
        ((string)eu["kind"]!, (string)eu["base_url"]!).ShouldBe(("azure-openai", "https://example-eu.openai.azure.com/"));
        ((string)eu["credentials"]![0]!["secret"]!, (int)eu["credentials"]![0]!["rpm_limit"]!).ShouldBe(("${AZURE_EU_KEY}", 480));
        ((string)eu["settings"]!["timeout_ms"]!, (string)eu["settings"]!["first_byte_timeout_ms"]!, (string)eu["settings"]!["api_version"]!).ShouldBe(("300000", "60000", "2024-10-21"));
        JsonObject route = Named(tree, "routes", "chat-fallbacks");
        route["steps"]!.AsArray().Select(s => ((string)s!["model"]!, (int)s["retries"]!)).ShouldBe([("chat", 5), ("chat-large", 5)]);
        JsonObject large = Named(tree, "models", "chat-large");
        ((decimal)large["default_params"]!["temperature"]!, (string)large["description"]!).ShouldBe((0.2m, "The large one"));
        // What LiteLLM only tells its clients must not shorten answers.
        large["max_output_tokens"].ShouldBeNull();
        Verdict(reading, "model_list[2].model_info.max_output_tokens").ShouldBe("unsupported");
        ((int)tree["limits"]![0]!["max_parallel"]!).ShouldBe(50);
        ((string)tree["budgets"]![0]!["period"]!, (decimal)tree["budgets"]![0]!["amount_usd"]!).ShouldBe(("month", 100m));
        Verdict(reading, "model_list[4].litellm_params.model").ShouldBe("unsupported");
        Verdict(reading, "model_list[5].model_name").ShouldBe("approximated");
        Verdict(reading, "litellm_settings.fallbacks[0].chat[0]").ShouldBe("mapped");
        Verdict(reading, "litellm_settings.fallbacks[0].chat[1]").ShouldBe("unsupported");
        Verdict(reading, "router_settings.model_group_alias.nothing").ShouldBe("unsupported");
        Verdict(reading, "general_settings.master_key").ShouldBe("approximated");
    }

    [Fact]
    public void Read_Local_TakesWeightsOrdersAndPrices()
    {
        JsonObject tree = LiteLlmImport.Read(LiteLlmFixtures.All["local"]).Tree;
        JsonObject llama = Named(tree, "models", "llama");
        llama["backends"]!.AsArray().Select(b => (int?)b!["weight"]).ShouldBe([null, 1000, 429]);
        llama["backends"]!.AsArray().Select(b => (int)b!["priority"]!).ShouldBe([0, 1, 1]);
        ((decimal)tree["prices"]![0]!["input_per_million"]!, (decimal)tree["prices"]![0]!["output_per_million"]!).ShouldBe((0.5m, 1.5m));
        ((string)Named(tree, "providers", "ollama")["settings"]!["timeout_ms"]!).ShouldBe("30000");
    }

    [Theory]
    [InlineData("just a text")]
    [InlineData("model_list: [")]
    public void Read_WhatIsNone_SaysSo(string yaml) => LiteLlmImport.Read(yaml).Errors.ShouldHaveSingleItem();

    [Fact]
    public async Task Import_AddedToWhatIsThere_CanBeAppliedAndServes()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await FillAsync(admin);
        JsonElement draft = await admin.PostAsync(Api + "/import", JsonSerializer.Serialize(new { name = "litellm", format = "litellm", yaml = LiteLlmFixtures.All["balanced"] }));
        draft.GetProperty("problems").GetArrayLength().ShouldBe(0, draft.GetRawText());
        draft.GetProperty("report").GetArrayLength().ShouldBeGreaterThan(10);
        draft.GetProperty("differences").EnumerateArray().ShouldAllBe(d => d.GetProperty("change").GetString() == "created");
        string secrets = JsonSerializer.Serialize(draft.GetProperty("needed").EnumerateArray().Select(n => n.GetProperty("name").GetString()!).Distinct().ToDictionary(n => n, _ => "sk-given"));

        await admin.PostAsync($"{Api}/drafts/{draft.Id()}/apply", $$"""{"secrets":{{secrets}}}""", 200);

        product.Catalog.Current.FindModel("general")!.Backends.Length.ShouldBe(3);
        product.Catalog.Current.FindModel("chat").ShouldNotBeNull();
    }

    private static JsonObject Named(JsonObject tree, string list, string name) => tree[list]!.AsArray().OfType<JsonObject>().Single(e => (string)e["name"]! == name);

    private static string Verdict(LiteLlmReading reading, string path) => reading.Report.Single(l => l.Path == path).Verdict;

    private static IEnumerable<string> Leaves(YamlNode node, string path) => node switch
    {
        YamlMappingNode { Children.Count: > 0 } map => map.Children.Where(c => c.Key.ToString() != "<<").SelectMany(c => Leaves(c.Value, path.Length == 0 ? c.Key.ToString() : $"{path}.{c.Key}")),
        YamlSequenceNode { Children.Count: > 0 } list => list.Children.SelectMany((c, i) => Leaves(c, $"{path}[{i}]")),
        _ => [path],
    };
}
