using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Architecture;

public sealed partial class StyleTests
{
    // The browser asks such a rule anew for every element that comes or goes, and has the styles of the whole page worked out again:
    // pages with charts that follow the traffic took all of a processor.
    [Fact]
    public void NoRule_LooksFromTheWholePageIntoIt()
    {
        string[] sheets = Directory.GetFiles(RepositoryRoot.File("Gateway.Web", "wwwroot", "css"), "*.css");
        sheets.ShouldNotBeEmpty();
        sheets.SelectMany(File.ReadLines).Where(l => WholePage().IsMatch(l)).ShouldBeEmpty();
    }

    [GeneratedRegex(@"(body|html|:root|\.shell|main)\S*:has\(")]
    private static partial Regex WholePage();
}
