using System.Reflection;
using System.Xml.Linq;
using Gateway.Core;
using Gateway.Providers;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Architecture;

/// <summary>Core knows nobody, Providers know Core, Web knows both; and the rooms that must not see each other do not.</summary>
public class DependencyArrowTests
{
    [Theory]
    [InlineData("Gateway.Core", new string[0])]
    [InlineData("Gateway.Providers", new[] { "Gateway.Core" })]
    [InlineData("Gateway.Web", new[] { "Gateway.Core", "Gateway.Providers" })]
    public void Projects_ReferenceOnlyWhatTheArrowsAllow(string project, string[] allowed)
    {
        XDocument file = XDocument.Load(RepositoryRoot.File(project, project + ".csproj"));

        IEnumerable<string> references = file.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

        references.ShouldBe(allowed, ignoreOrder: true);
    }

    [Fact]
    public void Core_LoadsNeitherAspNetNorEfNorAVendor()
    {
        string[] foreign = ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Gateway.Providers", "Gateway.Web", "Microsoft.Extensions", "Yarp", "Radzen"];

        foreach (Assembly assembly in (Assembly[])[typeof(GatewayPipeline).Assembly, typeof(ProviderRegistry).Assembly])
        {
            IEnumerable<string> references = assembly.GetReferencedAssemblies().Select(a => a.Name!);
            references.Where(r => foreign.Any(f => r.StartsWith(f, StringComparison.Ordinal)) && r != "Gateway.Core" && !assembly.GetName().Name!.StartsWith(r, StringComparison.Ordinal)).ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("Gateway.Web/Endpoints", "Gateway.Web.Components")]
    [InlineData("Gateway.Web/Components", "Gateway.Web.Endpoints")]
    [InlineData("Gateway.Web/Endpoints", "Gateway.Web.Storage")]
    [InlineData("Gateway.Web/Endpoints", "Microsoft.EntityFrameworkCore")]
    [InlineData("Gateway.Web/Storage/Catalog", "Microsoft.EntityFrameworkCore")]
    [InlineData("Gateway.Web/Security", "Microsoft.EntityFrameworkCore")]
    [InlineData("Gateway.Web/Configuration", "Microsoft.EntityFrameworkCore")]
    [InlineData("Gateway.Core/Relay", "Gateway.Core.Failover")]
    [InlineData("Gateway.Core/Routing", "Gateway.Core.Failover")]
    [InlineData("Gateway.Core/Limits", "Gateway.Core.Routing")]
    [InlineData("Gateway.Core/Keys", "Gateway.Core.Limits")]
    public void Rooms_DoNotSeeWhatTheyMustNot(string folder, string foreign) => Sees(folder, foreign).ShouldBeEmpty();

    [Fact]
    public void Vendors_DoNotSeeEachOther()
    {
        string[] vendors = [.. Directory.GetDirectories(RepositoryRoot.File("Gateway.Providers")).Select(d => Path.GetFileName(d)!).Where(v => v is not ("Http" or "bin" or "obj"))];
        vendors.Length.ShouldBeGreaterThan(5);

        foreach (string vendor in vendors)
        {
            vendors.Where(v => v != vendor).SelectMany(v => Sees($"Gateway.Providers/{vendor}", $"Gateway.Providers.{v}")).ShouldBeEmpty();
        }
    }

    private static IEnumerable<string> Sees(string folder, string foreign)
    {
        string[] files = Directory.GetFiles(RepositoryRoot.File(folder.Split('/')), "*.*", SearchOption.AllDirectories);
        files.ShouldNotBeEmpty();

        return files
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Where(f => File.ReadLines(f).Any(l => l.Contains(foreign + ".", StringComparison.Ordinal) || l.Contains(foreign + ";", StringComparison.Ordinal) || l.Trim() == "@using " + foreign));
    }
}
