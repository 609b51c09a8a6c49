using System.Text.Json;
using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Incidents;

/// <summary>litellm 1.82.7 and 1.82.8: poisoned by way of a tool in the build. What is built here is what was locked.</summary>
public sealed class BuildIncidentTests
{
    private static string Root => RepositoryRoot.Path;

    [Fact]
    public void Packages_OfEveryProject_AreLockedWithTheirHashes()
    {
        foreach (string project in Projects())
        {
            string file = Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");
            File.Exists(file).ShouldBeTrue(file);
            using JsonDocument locked = JsonDocument.Parse(File.ReadAllText(file));
            foreach (JsonProperty package in locked.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(f => f.Value.EnumerateObject()))
            {
                if (package.Value.GetProperty("type").GetString() != "Project")
                {
                    package.Value.GetProperty("contentHash").GetString()!.Length.ShouldBeGreaterThan(20, package.Name);
                }
            }
        }
        File.ReadAllText(Path.Combine(Root, "Directory.Build.props")).ShouldContain(">true</RestorePackagesWithLockFile>");
    }

    [Fact]
    public void Versions_OfPackagesAndTools_AreExact()
    {
        XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => (string)p.Attribute("Version")!).ShouldAllBe(v => !v.Contains('*') && !v.Contains('(') && !v.Contains(','));
        Projects().SelectMany(p => XDocument.Load(p).Descendants("PackageReference")).ShouldAllBe(r => r.Attribute("Version") == null);
        using JsonDocument tools = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "dotnet-tools.json")));
        tools.RootElement.GetProperty("tools").EnumerateObject().ShouldAllBe(t => !t.Value.GetProperty("version").GetString()!.Contains('*'));
    }

    [Fact]
    public void Build_OfContinuousIntegration_RestoresOnlyWhatIsLocked()
    {
        string[] scripts = [.. Directory.GetFiles(Path.Combine(Root, ".ci")).Select(File.ReadAllText)];
        scripts.ShouldContain(s => s.Contains("dotnet restore --locked-mode"));
        scripts.ShouldAllBe(s => !s.Contains("dotnet restore\n") && !s.Contains("| sh") && !s.Contains("| bash") && !s.Contains("npm install"));
        // Actions, if there ever are any, by commit and not by a name that can be moved.
        string workflows = Path.Combine(Root, ".github", "workflows");
        string[] uses = Directory.Exists(workflows) ? [.. Directory.GetFiles(workflows).SelectMany(File.ReadAllLines).Where(l => l.Contains("uses:"))] : [];
        uses.ShouldAllBe(l => System.Text.RegularExpressions.Regex.IsMatch(l, "@[0-9a-f]{40}"));
    }

    [Fact]
    public void JavaScriptPackages_AreLockedToo()
    {
        foreach (string manifest in Directory.GetFiles(Root, "package.json", SearchOption.AllDirectories).Where(f => !f.Contains("node_modules") && !f.Contains("artifacts")))
        {
            string file = Path.Combine(Path.GetDirectoryName(manifest)!, "package-lock.json");
            File.Exists(file).ShouldBeTrue(file);
            using JsonDocument locked = JsonDocument.Parse(File.ReadAllText(file));
            locked.RootElement.GetProperty("packages").EnumerateObject().Where(p => p.Name.Length > 0 && !p.Value.TryGetProperty("link", out _))
                .ShouldAllBe(p => p.Value.GetProperty("integrity").GetString()!.StartsWith("sha512-"));
        }
    }

    private static IEnumerable<string> Projects() =>
        Directory.GetFiles(Root, "*.csproj", SearchOption.AllDirectories).Where(f => !f.Contains("artifacts") && !f.Contains("node_modules"));
}
