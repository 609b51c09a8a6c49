using Gateway.Web.Storage;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Storage;

public sealed class DatabaseReadyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DatabaseThatCannotBeUsed_IsToldInsteadOfWaitedForHalfAMinute()
    {
        var ready = new DatabaseReady();
        Task waiting = ready.WaitForAnswerAsync(Cancel);
        waiting.IsCompleted.ShouldBeFalse("a first start may take its time");

        ready.SetFailed();

        await Should.ThrowAsync<TimeoutException>(() => waiting.WaitAsync(Eventually.Limit, Cancel));
        waiting.IsFaulted.ShouldBeTrue("it was the wait that gave up, not this test");
    }

    [Fact]
    public async Task DatabaseThatCameUpAtTheSecondTry_IsReady()
    {
        var ready = new DatabaseReady();
        ready.SetFailed();
        Task waiting = ready.WaitForAnswerAsync(Cancel);

        ready.Set();

        await waiting;
    }
}
