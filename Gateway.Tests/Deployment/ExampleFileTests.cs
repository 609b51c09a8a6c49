using System.Text.RegularExpressions;
using Gateway.Tests.Configuration;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Gateway.Tests.Deployment;

/// <summary>Configuration files that documents and manifests show: a start would take them.</summary>
public partial class ExampleFileTests
{
    [Fact]
    public void SeveralRegions_IsValid() => ShouldBeValid(Regions().Match(Text("docs", "routing.md")).Groups[1].Value);

    [Fact]
    public void FileOfTheIncident_IsValid() => ShouldBeValid(Text("docs", "incident", "gateway.yaml"));

    [Fact]
    public void FileOfTheManifests_IsValid()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Text("deploy", "kubernetes", "configmap.yaml")));
        ShouldBeValid(stream.Documents.Select(d => (YamlMappingNode)d.RootNode["data"]).First(d => d.Children.ContainsKey("gateway.yaml"))["gateway.yaml"].ToString());
    }

    [Fact]
    public void FileOfTheChart_IsValid()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Text("deploy", "helm", "gateway", "values.yaml")));
        ShouldBeValid(stream.Documents[0].RootNode["config"].ToString());
    }

    private static void ShouldBeValid(string yaml)
    {
        yaml.ShouldNotBeEmpty();
        using TestConfiguration configuration = new TestConfiguration().Yaml(yaml);
        foreach (Match variable in Variable().Matches(yaml))
        {
            configuration.Environment[variable.Groups[1].Value] = "sk-value-of-a-test";
        }
        configuration.ReadErrors().ShouldBeEmpty();
    }

    private static string Text(params string[] parts) => File.ReadAllText(RepositoryRoot.File(parts));

    [GeneratedRegex(@"## Several regions.*?```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Regions();

    [GeneratedRegex(@"\$\{([A-Z_]+)\}")]
    private static partial Regex Variable();
}
