using Gateway.Web.Hosting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Hosting;

public sealed class LoopPairTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OneThatFails_EndsTheOther_AndIsTold()
    {
        bool ended = false;
        async Task WaitAsync(CancellationToken stopping)
        {
            await Task.Delay(Timeout.Infinite, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            ended = true;
            stopping.ThrowIfCancellationRequested();
        }

        Task pair = LoopPair.RunAsync(WaitAsync, _ => Task.FromException(new KeyNotFoundException("Nobody thought of this.")), Cancel);

        (await Should.ThrowAsync<KeyNotFoundException>(() => pair.WaitAsync(Eventually.Limit, Cancel))).Message.ShouldBe("Nobody thought of this.");
        ended.ShouldBeTrue("a service that starts again would run it twice");
    }

    [Fact]
    public async Task Stopped_EndsAsCancelled()
    {
        using var stop = new CancellationTokenSource();
        Task pair = LoopPair.RunAsync(t => Task.Delay(Timeout.Infinite, t), t => Task.Delay(Timeout.Infinite, t), stop.Token);
        pair.IsCompleted.ShouldBeFalse();

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => pair.WaitAsync(Eventually.Limit, Cancel));
    }
}
