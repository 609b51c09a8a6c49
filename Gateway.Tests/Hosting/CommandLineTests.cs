using Gateway.Web.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

/// <summary>What the program's arguments ask for.</summary>
public sealed class CommandLineTests
{
    // `serve --help` once started a gateway, and made its first administrator.
    [Theory]
    [InlineData("--help", true)]
    [InlineData("help", true)]
    [InlineData("serve --help", true)]
    [InlineData("serve gateway.yaml -h", true)]
    [InlineData("migrate --help", true)]
    [InlineData("config validate --help", true)]
    [InlineData("mock --help", true)]
    [InlineData("--version", true)]
    [InlineData("ask --help", false)]
    [InlineData("serve", false)]
    [InlineData("", false)]
    public void Help_BehindAnyCommand_IsAllThatIsDone(string line, bool told) =>
        CommandLine.Tells(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ShouldBe(told);
}
