using Gateway.Core.Health;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Health;

public sealed class CheckStatusTests
{
    // A time of half of the one and half of the other standing would be told as an event of the year one.
    [Fact]
    public async Task ReadWhileItChanges_IsWhatItWasOrWhatItBecame()
    {
        DateTimeOffset at = new(2026, 11, 30, 12, 0, 0, TimeSpan.FromHours(1));
        var status = new CheckStatus();
        var failed = new CheckResult(false, at, 1, "");
        bool over = false;
        Task changing = Task.Run(
            () =>
            {
                for (int i = 0; i < 2_000_000; i++)
                {
                    status.Note(failed, 1, 1);
                    status.Forget();
                }
                Volatile.Write(ref over, true);
            },
            TestContext.Current.CancellationToken);
        while (!Volatile.Read(ref over))
        {
            if (status.Since is { } since)
            {
                since.ShouldBe(at);
            }
            (bool down, DateTimeOffset? from) = status.Standing;
            down.ShouldBe(from is not null);
        }
        await changing;
    }
}
