namespace Gateway.Core.Failover;

/// <summary>
/// Asks a second backend when the first lets wait for its first content, and passes on whichever answer begins first. The other
/// attempt is given up; it stands in the record with what it may have cost.
/// </summary>
/// <remarks>After "The Tail at Scale", Dean and Barroso, Communications of the ACM 56(2), 2013: hedged requests.</remarks>
internal static class Hedge
{
    /// <param name="after">How long the first has for its first content.</param>
    /// <param name="prepare">Makes the second attempt ready; null when there is none to make.</param>
    public static async ValueTask<GatewayError?> RunAsync(Call call, Attempt first, TimeSpan after, Func<ValueTask<Attempt?>> prepare)
    {
        long started = call.Time.GetTimestamp();
        Attempt? second = null;
        Task<GatewayError?> opening = first.OpenAsync();
        Task<GatewayError?>? beside = null;
        try
        {
            if (!await IsLateAsync(call, opening, after) || (second = await prepare()) is null)
            {
                return await FinishAsync(call, first, opening, started);
            }
            beside = second.OpenAsync();
            bool isFirst = await Task.WhenAny(opening, beside) == opening;
            (Attempt ready, Task<GatewayError?> outcome) = isFirst ? (first, opening) : (second, beside);
            (Attempt late, Task<GatewayError?> still) = isFirst ? (second, beside) : (first, opening);
            if (await outcome is not { } failed)
            {
                late.Abandon(still);
                return await FinishAsync(call, ready, outcome, started);
            }
            ready.End(failed);
            call.AddFailed(ready.Backend);
            return await FinishAsync(call, late, still, started) is { } error ? FailoverErrors.MoreTelling(failed, error) : null;
        }
        finally
        {
            Leave(first, opening);
            Leave(second, beside);
        }
    }

    // What still opens reads into its buffer, which is another call's as soon as it is given back.
    private static void Leave(Attempt? attempt, Task<GatewayError?>? opening)
    {
        if (opening is { IsCompleted: false })
        {
            attempt!.Abandon(opening);
        }
        else
        {
            attempt?.End(Attempt.Unfinished);
        }
    }

    private static async ValueTask<bool> IsLateAsync(Call call, Task opening, TimeSpan after)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(call.Exchange.Aborted);
        await Task.WhenAny(opening, Task.Delay(after, call.Time, enough.Token));
        await enough.CancelAsync();
        return !opening.IsCompleted && !call.Exchange.Aborted.IsCancellationRequested;
    }

    private static async ValueTask<GatewayError?> FinishAsync(Call call, Attempt attempt, Task<GatewayError?> opening, long started)
    {
        GatewayError? error = await opening;
        call.WaitedTicks += call.Time.GetTimestamp() - started;
        call.Backend = attempt.Backend;
        error ??= await attempt.RelayAsync();
        attempt.End(error);
        return error;
    }
}
