using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Web.Configuration;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Gateway.Tests.Deployment;

/// <summary>What no container and no cluster is needed for: the files of deploy/ parse, and every setting in them exists.</summary>
public partial class DeploymentFileTests
{
    // Names that are not the gateway's: the framework's, and those of the containers beside it.
    private static readonly string[] Foreign =
    [
        "ASPNETCORE_ENVIRONMENT", "DEBUG", "GOOGLE_APPLICATION_CREDENTIALS", "DOTNET_EnableDiagnostics", "DOTNET_NOLOGO",
        "DOTNET_CLI_TELEMETRY_OPTOUT", "CI", "APP_UID", "PATH",
        "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "GRAFANA_PASSWORD",
        "GF_SECURITY_ADMIN_USER", "GF_SECURITY_ADMIN_PASSWORD", "GF_ANALYTICS_REPORTING_ENABLED", "GF_ANALYTICS_CHECK_FOR_UPDATES",
    ];

    private static readonly string[] Metrics =
    [
        "gateway_requests_total", "gateway_request_duration_seconds", "gateway_time_to_first_token_seconds", "gateway_inter_token_latency_seconds",
        "gateway_overhead_seconds", "gateway_output_tokens_per_second", "gateway_tokens_total", "gateway_cost_usd_total", "gateway_attempts_total",
        "gateway_failovers_total", "gateway_limit_rejections_total", "gateway_active_requests", "gateway_active_streams", "gateway_backend_up",
        "gateway_circuit_state", "gateway_queue_waiting",
    ];

    private static readonly HashSet<string> Variables =
    [
        .. Foreign, .. KnownSettings.All.SelectMany(s => s.Variables), .. KnownSettings.All.Select(s => s.Key.Replace(":", "__")),
    ];

    public static TheoryData<string> YamlFiles => Files("*.yaml", "*.yml");

    public static TheoryData<string> JsonFiles => Files("*.json");

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void Yaml_IsRead(string file) => Read(file).ShouldNotBeEmpty();

    [Theory]
    [MemberData(nameof(JsonFiles))]
    public void Json_IsRead(string file) => Should.NotThrow(() => JsonDocument.Parse(Text(file)));

    [Fact]
    public void Kubernetes_SetsWhatExists() => ShouldExist(Names(Directory("kubernetes")));

    [Fact]
    public void Compose_SetsWhatExists() => ShouldExist(Names("deploy/compose.yaml"));

    [Fact]
    public void Dockerfile_SetsWhatExists() =>
        ShouldExist(DockerVariable().Matches(Text("deploy/Dockerfile")).Select(m => ("deploy/Dockerfile", m.Groups[1].Value)));

    [Fact]
    public void Chart_SetsWhatExists()
    {
        string[] templates = [.. System.IO.Directory.GetFiles(RepositoryRoot.File("deploy", "helm", "gateway", "templates")).Select(Relative)];
        IEnumerable<(string, string)> named = templates.SelectMany(t => ChartVariable().Matches(Text(t)).Select(m => (t, m.Groups[1].Value)));
        ShouldExist(named.Concat(Names("deploy/helm/gateway/values.yaml")));
    }

    [Fact]
    public void ExampleOfTheEnvironment_NamesWhatExists() =>
        ShouldExist(ExampleVariable().Matches(Text(".env.example")).Select(m => (".env.example", m.Groups[1].Value)));

    [Fact]
    public void ExampleOfTheEnvironment_HasEveryShortName()
    {
        string text = Text(".env.example");
        KnownSettings.All.SelectMany(s => s.Variables).Where(v => !text.Contains(v, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("deploy/grafana/dashboards/gateway.json")]
    [InlineData("deploy/prometheus/alerts.yml")]
    public void Queries_AskForMetricsThatThereAre(string file)
    {
        string[] asked = [.. Metric().Matches(Text(file)).Select(m => m.Value).Distinct()];
        asked.ShouldNotBeEmpty();
        asked.Where(a => !Metrics.Contains(a) && !Metrics.Contains(a.Replace("_bucket", ""))).ShouldBeEmpty();
    }

    [Fact]
    public void GraceOfPods_IsLongerThanTheirStop()
    {
        YamlMappingNode settings = Read("deploy/kubernetes/configmap.yaml").Select(d => (YamlMappingNode)d["data"]).First(d => d.Children.ContainsKey("Gateway__Shutdown__Delay"));
        double delay = Seconds(settings["Gateway__Shutdown__Delay"]);
        double grace = Seconds(settings["Gateway__Shutdown__GracePeriod"]);
        YamlNode pod = Read("deploy/kubernetes/gateway.yaml").First(d => d["kind"].ToString() == "Deployment")["spec"]["template"]["spec"];
        var preStop = (YamlSequenceNode)pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"];

        // Six seconds for the journal: ServerSetup.
        double stop = Seconds(preStop[1]) + delay + grace + 6;

        Seconds(pod["terminationGracePeriodSeconds"]).ShouldBeGreaterThan(stop);
    }

    private static double Seconds(YamlNode node)
    {
        DurationText.TryParse(node.ToString(), out TimeSpan duration).ShouldBeTrue();
        return duration.TotalSeconds;
    }

    private static void ShouldExist(IEnumerable<(string File, string Name)> names)
    {
        (string File, string Name)[] all = [.. names];
        all.ShouldNotBeEmpty();
        all.Where(n => !Variables.Contains(n.Name)).ShouldBeEmpty();
    }

    // Whatever stands where variables do: below env, environment, data and stringData, and in ${…} of compose.
    private static IEnumerable<(string File, string Name)> Names(params IEnumerable<string> files) =>
        files.SelectMany(f => Read(f).SelectMany(NamesIn).Concat(ComposeVariable().Matches(Text(f)).Select(m => m.Groups[1].Value)).Select(n => (f, n)));

    private static IEnumerable<string> NamesIn(YamlNode node) => node switch
    {
        YamlSequenceNode list => list.Children.SelectMany(NamesIn),
        YamlMappingNode map => map.Children.SelectMany(c => (c.Key.ToString(), c.Value) switch
        {
            ("env", YamlSequenceNode variables) => variables.Children.Select(v => v["name"].ToString()),
            ("env" or "environment" or "data" or "stringData", YamlMappingNode variables) =>
                variables.Children.Keys.Select(k => k.ToString()).Where(k => !k.EndsWith(".yaml", StringComparison.Ordinal)),
            _ => NamesIn(c.Value),
        }),
        _ => [],
    };

    private static YamlNode[] Read(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Text(file)));
        return [.. stream.Documents.Select(d => d.RootNode)];
    }

    private static string Text(string file) => File.ReadAllText(RepositoryRoot.File(file));

    private static string Relative(string path) => Path.GetRelativePath(RepositoryRoot.Path, path);

    private static string[] Directory(string name) => [.. System.IO.Directory.GetFiles(RepositoryRoot.File("deploy", name), "*.yaml").Select(Relative)];

    // A chart's templates are YAML only once they are rendered.
    private static TheoryData<string> Files(params string[] patterns) =>
        [.. patterns.SelectMany(p => System.IO.Directory.GetFiles(RepositoryRoot.File("deploy"), p, SearchOption.AllDirectories)).Select(Relative)
            .Where(f => !f.Contains("templates", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"^(?:ENV )?\s*([A-Za-z_][A-Za-z0-9_]*)=", RegexOptions.Multiline)]
    private static partial Regex DockerVariable();

    [GeneratedRegex(@"\b((?:Gateway|Database|Redis)__[A-Za-z_]+|[A-Z]+(?:_[A-Z]+)+)\b(?=:|\n)")]
    private static partial Regex ChartVariable();

    [GeneratedRegex(@"\$\{([A-Z_]+)")]
    private static partial Regex ComposeVariable();

    [GeneratedRegex(@"^#?([A-Za-z_][A-Za-z0-9_]*)=", RegexOptions.Multiline)]
    private static partial Regex ExampleVariable();

    [GeneratedRegex(@"\bgateway_[a-z_]+\b")]
    private static partial Regex Metric();
}
