using Gateway.Web.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Configuration;

/// <summary>Values that stand in files which variables with the suffix <c>_FILE</c> name.</summary>
public sealed class VariableFilesTests : IDisposable
{
    private const string Secret = "adm-secret-of-a-file";

    private readonly TestConfiguration _test = new();

    private string PathOf(string content, string name = "secret")
    {
        string path = Path.Combine(_test.Directory, name);
        File.WriteAllText(path, content);
        return path;
    }

    private SettingOrigin OriginOf(string key) => _test.Configuration.OriginOf(KnownSettings.Find(key)!);

    [Fact]
    public void ShortName_IsTheFilesContentAndSaysSo()
    {
        string path = PathOf($"  {Secret}\n");
        _test.Environment["ADMIN_API_KEY_FILE"] = path;
        // Set to nothing, as a manifest may leave it.
        _test.Environment["ADMIN_API_KEY"] = "";

        _test.Read();

        OriginOf("Gateway:AdminKey").ShouldBe(new SettingOrigin(Secret, SettingSource.File, $"{path} (ADMIN_API_KEY_FILE)"));
        _test.Host.Configuration["Gateway:AdminKey"].ShouldBe(Secret);
    }

    [Fact]
    public void FullName_IsTheFilesContentAndSaysSo()
    {
        string path = PathOf("9099\n");
        _test.Json("""{"Gateway":{"Port":1001}}""");

        CheckedConfiguration read = _test.Read($"--Gateway:Port_FILE={path}", $"--AzureAd:ClientSecret_FILE={PathOf(Secret, "azure")}");

        read.Settings.Port.ShouldBe(9099);
        OriginOf("Gateway:Port").ShouldBe(new SettingOrigin("9099", SettingSource.File, $"{path} (Gateway__Port_FILE)"));
        _test.Host.Configuration["AzureAd:ClientSecret"].ShouldBe(Secret);
    }

    [Fact]
    public void VariableOfTheYamlFile_IsTheFilesContent()
    {
        _test.Environment["UP_KEY_FILE"] = PathOf(Secret);
        _test.Yaml("""
            providers: [{name: a, base_url: "https://a.example", api_key: "${UP_KEY}"}]
            """);

        _test.Read().Catalog.Providers[0].Credentials[0].Secret.ShouldBe(Secret);
    }

    [Fact]
    public void WhatIsWrong_StopsTheStartAndNamesVariableAndPathButNoContent()
    {
        string path = PathOf(Secret);
        string missing = Path.Combine(_test.Directory, "missing");
        _test.Environment["ADMIN_API_KEY"] = "adm-given";
        _test.Environment["ADMIN_API_KEY_FILE"] = path;
        _test.Environment["DATABASE_URL_FILE"] = missing;
        _test.Environment["REDIS_URL_FILE"] = PathOf(" \n", "blank");

        IReadOnlyList<string> errors = _test.ReadErrors();

        errors.Count.ShouldBe(3, string.Join('\n', errors));
        errors.ShouldContain("ADMIN_API_KEY and ADMIN_API_KEY_FILE are both set. Leave one of them out.");
        errors.ShouldContain(e => e.Contains("DATABASE_URL_FILE", StringComparison.Ordinal) && e.Contains(missing, StringComparison.Ordinal));
        errors.ShouldContain(e => e.Contains("REDIS_URL_FILE", StringComparison.Ordinal) && e.Contains("empty", StringComparison.Ordinal));
        errors.ShouldAllBe(e => !e.Contains(Secret, StringComparison.Ordinal) && !e.Contains("adm-given", StringComparison.Ordinal));
    }

    [Fact]
    public void FilesOfOthers_AreLeftAlone()
    {
        _test.Environment["SSL_CERT_FILE"] = "/nowhere";

        _test.Read("--Kestrel:Certificate_FILE=/nowhere").Errors.ShouldBeEmpty();
    }

    public void Dispose() => _test.Dispose();
}
