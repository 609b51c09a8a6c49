using Gateway.Core.Catalog;
using Gateway.Tests.Cluster;
using Gateway.Web.Configuration;
using Gateway.Web.Storage.Catalog;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

public sealed class ConfigurationReloadTests : IDisposable
{
    private const string OneKey = "keys:\n  - {name: app, key: sk-of-the-application}\n";

    private readonly TestConfiguration _files = new();
    private readonly GatewayCatalog _catalog = new();

    public void Dispose() => _files.Dispose();

    // An editor or a full disk cut it to nothing: it is valid YAML, and every key of the file was refused.
    [Theory]
    [InlineData("")]
    [InlineData(" \n\n")]
    public void Reload_FileThatBecameEmpty_IsRefusedAndTheOldStays(string cut)
    {
        ConfigurationReload reload = Started();

        _files.Yaml(cut);
        reload.Reload().ShouldBeFalse();
        _catalog.Current.Definition.Keys.ShouldHaveSingleItem().Name.ShouldBe("app");

        _files.Yaml("{}");
        reload.Reload().ShouldBeTrue();
        _catalog.Current.Definition.Keys.ShouldBeEmpty();
    }

    // It takes seconds until a start gets here, and whoever writes the file may be slower than it was to read.
    [Fact]
    public async Task Start_FileThatChangedSinceItWasRead_IsReadAgain()
    {
        using ConfigurationReload reload = Read();
        _files.Yaml(OneKey + "  - {name: late, key: sk-of-a-late-line}\n");

        await reload.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => _catalog.Current.Definition.Keys.Count == 2);
        await reload.StopAsync(TestContext.Current.CancellationToken);
    }

    private ConfigurationReload Started()
    {
        ConfigurationReload reload = Read();
        reload.Reload().ShouldBeTrue();
        return reload;
    }

    private ConfigurationReload Read()
    {
        _files.Yaml(OneKey);
        CheckedConfiguration read = _files.Read();
        read.Errors.ShouldBeEmpty();
        return new ConfigurationReload(
            _files.Configuration, read, new GatewayOptionsSource(read.Settings.Options), new CatalogSources(_catalog, new LogLines<CatalogSources>()), TimeProvider.System,
            new LogLines<ConfigurationReload>());
    }
}
