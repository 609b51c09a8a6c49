using Gateway.Web.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

public sealed class WebRootTests : IDisposable
{
    private readonly string _current = Directory.CreateTempSubdirectory("gateway-current-").FullName;
    private readonly string _program = Directory.CreateTempSubdirectory("gateway-program-").FullName;

    public void Dispose()
    {
        Directories.Remove(_current);
        Directories.Remove(_program);
    }

    [Fact]
    public void StartedElsewhere_ThePagesHaveTheirStylesFromBesideTheProgram()
    {
        string beside = Directory.CreateDirectory(Path.Combine(_program, "wwwroot")).FullName;

        WebRoot.Find(_current, _program).ShouldBe(beside);
    }

    [Fact]
    public void WhereTheDirectoryHasOneOrNothingHas_ItIsLeftToTheHost()
    {
        WebRoot.Find(_current, _program).ShouldBeNull();
        Directory.CreateDirectory(Path.Combine(_program, "wwwroot"));
        Directory.CreateDirectory(Path.Combine(_current, "wwwroot"));
        WebRoot.Find(_current, _program).ShouldBeNull();
    }
}
