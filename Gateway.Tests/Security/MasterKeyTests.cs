using Gateway.Web.Security;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Security;

public sealed class MasterKeyTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gateway-key-").FullName;

    public void Dispose() => Directories.Remove(_directory);

    // A mount that comes late, or a second process that is still writing: no reason to read no secret until the next start.
    [Fact]
    public void FileThatCannotBeReadAtFirst_IsReadLater()
    {
        string file = Path.Combine(_directory, "key");
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Gateway:Security:MasterKeyFile", file)]).Build();
        var key = new MasterKey(configuration, settings: null!);
        Should.Throw<IOException>(() => key.Bytes);

        File.WriteAllText(file, "a key of enough characters");

        key.Bytes.Length.ShouldBe(32);
    }
}
