namespace Gateway.Web.Hosting;

/// <summary>Two loops of one service.</summary>
internal static class LoopPair
{
    /// <summary>
    /// Ends when both have ended, with what the first one ended with. When one fails the other is ended, too: a service that has
    /// lost half of itself must fail as a whole, so that this is told and it starts again.
    /// </summary>
    public static async Task RunAsync(Func<CancellationToken, Task> one, Func<CancellationToken, Task> other, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task[] both = [one(either.Token), other(either.Token)];
        Task first = await Task.WhenAny(both);
        await either.CancelAsync();
        await Task.WhenAll(both).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }
}
