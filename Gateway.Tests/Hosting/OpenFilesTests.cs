using Gateway.Web.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

public class OpenFilesTests
{
    // 400 streams under a limit of 512 files ended the process.
    [Theory]
    [InlineData(10_000, null, 10_000)]
    [InlineData(10_000, 1_048_576L, 10_000)]
    [InlineData(10_000, 1_024L, 312)]
    [InlineData(10_000, 512L, 56)]
    [InlineData(10_000, 256L, 10)]
    [InlineData(10, 20_000L, 10)]
    public void Connections_NeverMoreThanThereAreFilesFor(int wanted, long? limit, int most) => OpenFiles.Connections(wanted, limit).ShouldBe(most);

    // Under 400 a burst of 60 idle connections ended it, under 256 it did not come up: both without a word of why.
    [Fact]
    public void Require_FewerThanItCanLiveWith_SaysHowMany() =>
        Should.Throw<IOException>(() => OpenFiles.Require(511)).Message.ShouldBe("This process may open 511 files, and needs 512 at least. Raise the limit (ulimit -n, LimitNOFILE).");

    [Theory]
    [InlineData(512L)]
    [InlineData(null)]
    public void Require_EnoughOrUnknown_IsSilent(long? limit) => Should.NotThrow(() => OpenFiles.Require(limit));

    [Theory]
    [InlineData("Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 4096                 files     \n", 1024L)]
    [InlineData("Max open files            unlimited            unlimited            files     \n", null)]
    [InlineData("", null)]
    public void Parse_LimitsOfTheKernel_TheSoftOneCounts(string text, long? files) => OpenFiles.Parse(text).ShouldBe(files);
}
