using Gateway.Core.Accounting.Journaling;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Journaling;

public sealed class GroupCommitTests : IDisposable
{
    private readonly JournalSandbox _sandbox = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Flush_FailsAsNobodyExpected_TellsWhoeverWaitsAndGoesOn()
    {
        await using var commit = new GroupCommit(static _ => { });
        JournalSegment gone = Create(1);
        gone.Unmap();
        JournalSegment good = Create(2);

        (await commit.WaitAsync(gone).AsTask().WaitAsync(Eventually.Limit, Cancel)).ShouldBeFalse();

        (await commit.WaitAsync(good).AsTask().WaitAsync(Eventually.Limit, Cancel)).ShouldBeTrue();
        good.Unmap();
    }

    private JournalSegment Create(long number)
    {
        var options = new JournalOptions { Directory = _sandbox.Directory, SegmentBytes = 64 * 1024 };
        SegmentFile.Create(options.Directory, number, options.SegmentBytes, toDisk: false);
        return JournalSegment.Map(options, number);
    }
}
