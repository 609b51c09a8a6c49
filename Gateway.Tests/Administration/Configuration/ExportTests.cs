using System.Text.Json;
using Gateway.Core.Catalog;
using Shouldly;
using Xunit;
using static Gateway.Tests.Administration.Configuration.ConfigurationFixture;

namespace Gateway.Tests.Administration.Configuration;

/// <summary>An export holds all and no secret, is read by <c>Gateway:ConfigFile</c>, and imported again it changes nothing.</summary>
public class ExportTests
{
    [Fact]
    public async Task Export_ImportedIntoTheSameGateway_DiffersInNothing()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await FillAsync(admin);
        JsonElement export = await admin.GetAsync(Api + "/export", 200);
        string yaml = export.GetProperty("yaml").GetString()!;
        yaml.ShouldNotContain(Secret);
        export.GetProperty("variables").EnumerateArray().Select(v => v.GetProperty("name").GetString()).ShouldBe(["OPENAI_EU_MAIN", "OPENAI_EU_SECOND"]);

        JsonElement draft = await admin.PostAsync(Api + "/import", JsonSerializer.Serialize(new { name = "back", yaml }));

        draft.GetProperty("problems").GetArrayLength().ShouldBe(0, draft.GetProperty("problems").GetRawText());
        Lines(draft.GetProperty("differences")).ShouldBeEmpty();
        draft.GetProperty("needed").GetArrayLength().ShouldBe(0);
        (await admin.PostAsync($"{Api}/drafts/{draft.Id()}/apply", "{}", 400)).GetProperty("detail").GetString().ShouldBe("The draft changes nothing.");
    }

    [Fact]
    public async Task Export_ImportedIntoAnEmptyGateway_MakesTheSameExport()
    {
        await using var from = new TestProduct();
        HttpClient admin = await from.StartAsync();
        string text = await FillAsync(admin);
        string yaml = (await admin.GetAsync(Api + "/export", 200)).GetProperty("yaml").GetString()!;
        await using var to = new TestProduct();
        HttpClient other = await to.StartAsync();

        JsonElement draft = await other.PostAsync(Api + "/import", JsonSerializer.Serialize(new { name = "moved", yaml }));
        await other.PostAsync($"{Api}/drafts/{draft.Id()}/apply", """{"secrets":{"OPENAI_EU_MAIN":"a","OPENAI_EU_SECOND":"b"}}""", 200);

        (await other.GetAsync(Api + "/export", 200)).GetProperty("yaml").GetString().ShouldBe(yaml);
        (await other.ChatAsync(text, "chat")).ShouldBe(200);
    }

    [Fact]
    public async Task Export_AsConfigFile_DeclaresTheSame()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await FillAsync(admin);
        string yaml = (await admin.GetAsync(Api + "/export", 200)).GetProperty("yaml").GetString()!;
        string file = Path.Combine(product.DataDirectory, "exported.yaml");
        await File.WriteAllTextAsync(file, yaml, TestContext.Current.CancellationToken);
        await using var declared = new TestProduct { Settings = { ["Gateway:ConfigFile"] = file } };
        Environment.SetEnvironmentVariable("OPENAI_EU_MAIN", "a");
        Environment.SetEnvironmentVariable("OPENAI_EU_SECOND", "b");
        try
        {
            HttpClient other = await declared.StartAsync();
            declared.Catalog.Current.Definition.Models.ShouldAllBe(m => m.Source == EntrySource.File);
            (await other.GetAsync(Api + "/export", 200)).GetProperty("yaml").GetString().ShouldBe(yaml);

            // What files declare may come back in a draft unchanged, and may not be changed by one.
            JsonElement draft = await other.PostAsync(Api + "/import", JsonSerializer.Serialize(new { name = "same", yaml }));
            (draft.GetProperty("problems").GetArrayLength(), Lines(draft.GetProperty("differences")).Length).ShouldBe((0, 0), draft.GetRawText());
            draft = await other.PutAsync($"{Api}/drafts/{draft.Id()}", JsonSerializer.Serialize(new { yaml = yaml.Replace("weight: 7", "weight: 9") }));
            draft.GetProperty("problems")[0].GetProperty("path").GetString().ShouldBe("models[chat]");
        }
        finally
        {
            Environment.SetEnvironmentVariable("OPENAI_EU_MAIN", null);
            Environment.SetEnvironmentVariable("OPENAI_EU_SECOND", null);
        }
    }

    [Fact]
    public async Task Import_Merged_AddsToWhatIsThere()
    {
        await using var product = new TestProduct();
        HttpClient admin = await product.StartAsync();
        await FillAsync(admin);
        JsonElement draft = await admin.PostAsync(Api + "/import", """{"name":"more","mode":"merge","yaml":"teams:\n  - name: another\n  - {name: search, description: replaced}\n"}""");
        Lines(draft.GetProperty("differences")).ShouldBe(
        [
            "created teams another: name – → another",
            "changed teams search: description – → replaced",
            "changed teams search: owners ada@example.com → –",
            "changed teams search: allowed_models chat* → –",
        ], ignoreOrder: true);
    }
}
