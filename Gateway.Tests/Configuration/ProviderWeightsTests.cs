using Gateway.Core.Catalog;
using Gateway.Tests.Storage.Usage;
using Gateway.Web.Configuration;
using Gateway.Web.Storage.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

/// <summary><c>PROVIDER_WEIGHTS</c>: shares of backends by their providers, whoever declared them.</summary>
public sealed class ProviderWeightsTests
{
    private readonly GatewayCatalog _catalog = new();
    private readonly UsageFixture.RecordedLog<CatalogSources> _log = new();

    [Fact]
    public async Task Weights_HoldForModelsOfFilesAndOfTheDatabase()
    {
        using var test = new TestConfiguration();
        test.Environment["PROVIDER_WEIGHTS"] = """{"a":0.7,"b":0.3,"c":0}""";
        test.Yaml("""
            providers: [{name: a, base_url: "https://a.example"}, {name: b, base_url: "https://b.example"}, {name: c, base_url: "https://c.example"}]
            models: [{name: of-file, backends: [{provider: a}, {provider: b}, {provider: c}]}]
            """);
        CheckedConfiguration read = test.Read();
        var sources = new CatalogSources(_catalog, _log);

        sources.ReplaceFile(read.Catalog, read.Weights).ShouldBeEmpty();
        (await sources.ReplaceDatabaseAsync(new DatabaseCatalog(1, new CatalogDefinition { Models = [Model("of-database", "a", "b", "c")] }))).ShouldBeEmpty();

        foreach (string model in new[] { "of-file", "of-database" })
        {
            _catalog.Current.FindModel(model)!.Backends.Select(b => (b.Provider.Name, b.Weight)).ShouldBe([("a", 70), ("b", 30)], model);
        }
        // What operators edit stays what they declared.
        sources.Database.Definition.Models[0].Backends.ShouldAllBe(b => b.Weight == 1 && b.Active);
        _log.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Weights_OfAProviderThatNobodyDeclares_AreWarnedOfOnceTheDatabaseIsRead()
    {
        List<string> errors = [];
        ProviderWeights weights = ProviderWeights.Read("""{"opanai":2}""", errors);
        var sources = new CatalogSources(_catalog, _log);
        var file = new CatalogDefinition { Providers = [new ProviderDefinition { Id = "o", Name = "openai", Kind = ProviderKind.OpenAI }, new ProviderDefinition { Id = "a", Name = "azure", BaseUrl = "https://a.example" }] };

        sources.ReplaceFile(file, weights).ShouldBeEmpty();
        _log.Lines.ShouldBeEmpty();
        (await sources.ReplaceDatabaseAsync(new DatabaseCatalog(1, new CatalogDefinition()))).ShouldBeEmpty();
        (await sources.ReplaceDatabaseAsync(new DatabaseCatalog(2, new CatalogDefinition()))).ShouldBeEmpty();

        string line = _log.Lines.ShouldHaveSingleItem().Text;
        line.ShouldContain("opanai");
        line.ShouldEndWith("azure, openai");
    }

    [Fact]
    public void Weights_ThatAreNone_KeepTheGatewayFromStarting()
    {
        using var test = new TestConfiguration();
        test.Environment["PROVIDER_WEIGHTS"] = "half each";

        test.ReadErrors().ShouldHaveSingleItem().ShouldContain("PROVIDER_WEIGHTS");
    }

    private static ModelDefinition Model(string name, params string[] providers) => new()
    {
        Id = name,
        Name = name,
        Backends = [.. providers.Select(p => new BackendDefinition { Id = $"{name}-{p}", Provider = p })],
    };
}
