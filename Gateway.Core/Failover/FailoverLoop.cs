using Gateway.Core.Catalog;
using Gateway.Core.Failover.Translated;
using Gateway.Core.Load;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Failover;

/// <summary>
/// The only loop over upstreams: goes through the plan's steps in order, through a step's backends as its policy chooses, and
/// around them again after a pause, until one answers or nothing is left. What is known to be dead is not asked. Nothing is tried once the client has been sent a byte.
/// </summary>
internal sealed class FailoverLoop(Attempts attempts, Random random)
{
    // An answer in more pieces than that is no answer any more.
    private const int MostRecoveries = 3;

    /// <summary>Null when an answer was passed on whole; else what the client is to be told.</summary>
    public ValueTask<GatewayError?> RunAsync(Call call) =>
        // Who comes while others wait for a place at these backends stands in line.
        call.Plan.Model is { State.Queue: { Waiting: > 0 } queue } ? WaitForPlaceAsync(call, queue, FailoverErrors.Full) : RunPlanAsync(call, mayWait: true);

    private async ValueTask<GatewayError?> WaitForPlaceAsync(Call call, BackendQueue queue, GatewayError error)
    {
        LoadSettings settings = call.Options.Load;
        var waiter = new Waiter(call.Key!.Id, call.Key.Priority);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Exchange.Aborted, call.Ended);
        long started = call.Time.GetTimestamp();
        while (settings.QueueTimeout - call.Time.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
        {
            if (!await queue.WaitAsync(waiter, settings.QueueLength, left, call.Time, over.Token))
            {
                break;
            }
            if (await RunPlanAsync(call, mayWait: false) is not { } now)
            {
                return null;
            }
            // What an upstream said tells more than that there was no place afterwards.
            error = now.Kind is GatewayErrorKind.Overloaded or GatewayErrorKind.NoBackend && call.Attempts.Count > 0 ? error : now;
            if (!MayWaitForPlace(call, now))
            {
                return error;
            }
        }
        return error.Kind == GatewayErrorKind.Overloaded ? FailoverErrors.Full with { RetryAfter = queue.ExpectedWait } : error;
    }

    /// <summary>Whether a place may become free at a backend that this request has not failed at.</summary>
    private static bool MayWaitForPlace(Call call, GatewayError error)
    {
        if (call.Attempts.Count == 0)
        {
            return error.Kind == GatewayErrorKind.Overloaded;
        }
        return !call.Committed && MayMoveOn(call, error) && Array.Exists(call.Plan.Steps, s => Array.Exists(s.Backends, b =>
            !b.IsDraining && !b.Provider.State.Check.IsDown && BackendPicker.IsFull(b) && !BackendPicker.Contains(call.Failed, b)));
    }

    /// <param name="mayWait">For a place, where all that is left has none.</param>
    private async ValueTask<GatewayError?> RunPlanAsync(Call call, bool mayWait)
    {
        GatewayError? error = null;
        RouteStep[] steps = call.Plan.Steps;
        for (int i = 0; i < steps.Length; i++)
        {
            bool last = i == steps.Length - 1;
            GatewayError? before = error;
            error = await RunStepAsync(call, steps[i], last);
            if (error is null)
            {
                return null;
            }
            if (call.Committed)
            {
                return await RecoverAsync(call, error);
            }
            if (!MayMoveOn(call, error))
            {
                break;
            }
            error = FailoverErrors.MoreTelling(before, error);
        }
        return mayWait && error is not null && call.Plan.Model is { } model && MayWaitForPlace(call, error)
            ? await WaitForPlaceAsync(call, model.State.Queue, error)
            : error;
    }

    /// <summary>Goes on elsewhere with a stream that broke when the client had part of it already; null when the client got the rest.</summary>
    private async ValueTask<GatewayError?> RecoverAsync(Call call, GatewayError broken)
    {
        call.AddFailed(call.Backend!);
        for (int i = 0; i < MostRecoveries && call.Resumable is { MayResume: true } answer && !call.Settled && MayMoveOn(call, broken); i++)
        {
            if (NextElsewhere(call, call.Plan.Steps, b => Prefill.StyleOf(b) is not PrefillStyle.None) is not { } next)
            {
                break;
            }
            call.AddFailed(next.Backend);
            (Attempt? attempt, _) = await attempts.PrepareAsync(call, next.Step, next.Backend, mayWarmUp: false, answer);
            if (attempt is null)
            {
                continue;
            }
            if (await attempt.RunAsync() is not { } error)
            {
                return null;
            }
            // One that never began does not say why the client's stream broke off.
            broken = attempt.HasDelivered ? error : broken;
        }
        return broken;
    }

    /// <summary>A backend that this request has not failed at, paid from its provider's retry budget.</summary>
    private (RouteStep Step, Backend Backend)? NextElsewhere(Call call, ReadOnlySpan<RouteStep> steps, Func<Backend, bool> may, Backend? but = null)
    {
        List<Backend> tried = [.. call.Failed];
        if (but is not null)
        {
            tried.Add(but);
        }
        foreach (RouteStep step in steps)
        {
            while (BackendPicker.Pick(step.Policy, step.Backends, tried, ContextOf(call)) is { } backend)
            {
                if (may(backend))
                {
                    return backend.Provider.State.Retries.TryWithdraw(call.NowMs) ? (step, backend) : null;
                }
                tried.Add(backend);
            }
        }
        return null;
    }

    /// <summary>Each of the step's backends once a round; in the first round none that failed this request before, in others none that went silent.</summary>
    private async ValueTask<GatewayError?> RunStepAsync(Call call, RouteStep step, bool last)
    {
        var rounds = new Rounds(call, step, last, random);
        GatewayError? before = null;
        while (true)
        {
            GatewayError? error = null;
            IReadOnlyList<Backend> tried = rounds.IsFirst ? call.Failed : call.Silent;
            while (Pick(call, step, tried, rounds.IsFirst) is { } backend)
            {
                if (rounds.Pay(backend))
                {
                    GatewayError? failed = await CallBackendAsync(call, step, backend, rounds.MayWarmUp);
                    if (failed is null || call.Committed || !MayMoveOn(call, failed))
                    {
                        return failed;
                    }
                    error = FailoverErrors.MoreTelling(error, failed);
                    call.AddFailed(backend);
                    if (WentSilent(call, failed))
                    {
                        call.AddSilent(backend);
                    }
                }
                tried = rounds.IsFirst ? call.Failed : [.. tried, backend];
            }
            error ??= before ?? FailoverErrors.NoBackend(step.Backends, call.NowMs);
            if (!MayMoveOn(call, error) || rounds.Next(error, MayRetry(call, error)) is not { } wait || wait >= call.TimeLeft)
            {
                return error;
            }
            before = error;
            long waiting = call.Time.GetTimestamp();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Exchange.Aborted, call.Ended);
            await Task.Delay(wait, call.Time, over.Token);
            call.WaitedTicks += call.Time.GetTimestamp() - waiting;
        }
    }

    private Backend? Pick(Call call, RouteStep step, IReadOnlyList<Backend> tried, bool explained)
    {
        RoutingContext context = ContextOf(call);
        Backend? backend = BackendPicker.Pick(step.Policy, step.Backends, tried, context);
        if (backend is not null && explained && step.Backends.Length > 1)
        {
            BackendPicker.Note(call.Record.Trace, step.Policy, step.Backends, tried, backend, context);
        }
        return backend;
    }

    private RoutingContext ContextOf(Call call) => new()
    {
        NowMs = call.NowMs,
        Now = call.Record.StartedAt,
        Prices = call.Snapshot.Prices,
        Breaker = call.Options.Breaker,
        Random = random,
        Envelope = call.Envelope,
    };

    private ValueTask<GatewayError?> CallBackendAsync(Call call, RouteStep step, Backend backend, bool mayWarmUp) =>
        backend.Provider.Pool.Length < 2 ? CallOnceAsync(call, step, backend, mayWarmUp) : CallWithEachAsync(call, step, backend, mayWarmUp);

    /// <summary>One backend: a credential that is refused or limited gives way to the next at once, each having its turn at most once.</summary>
    private async ValueTask<GatewayError?> CallWithEachAsync(Call call, RouteStep step, Backend backend, bool mayWarmUp)
    {
        for (int left = backend.Provider.Pool.Length; ; left--)
        {
            GatewayError? error = await CallOnceAsync(call, step, backend, mayWarmUp);
            if (error is null || call.Committed || call.Exchange.Aborted.IsCancellationRequested || !IsOfCredential(error))
            {
                return error;
            }
            if (!CredentialPool.IsAvailable(backend, call.NowMs, call.TokensReserved))
            {
                // The wait that counts is the shortest of all credentials, not that of the last one tried.
                return error.RetryAfter is null ? error : error with { RetryAfter = CredentialPool.Exhausted(backend, call.NowMs, call.TokensReserved).RetryAfter };
            }
            if (left <= 1)
            {
                return error;
            }
        }
    }

    // Nothing is waited for where no provider's limit is counted elsewhere: then this is no step of the way that has to be remembered.
    private ValueTask<GatewayError?> CallOnceAsync(Call call, RouteStep step, Backend backend, bool mayWarmUp)
    {
        ValueTask<(Attempt? Attempt, GatewayError? Error)> preparing = attempts.PrepareAsync(call, step, backend, mayWarmUp);
        return preparing.IsCompletedSuccessfully ? CallPreparedAsync(call, step, preparing.Result) : AwaitPreparedAsync(call, step, preparing);
    }

    private async ValueTask<GatewayError?> AwaitPreparedAsync(Call call, RouteStep step, ValueTask<(Attempt? Attempt, GatewayError? Error)> preparing) =>
        await CallPreparedAsync(call, step, await preparing);

    private ValueTask<GatewayError?> CallPreparedAsync(Call call, RouteStep step, (Attempt? Attempt, GatewayError? Error) prepared) =>
        prepared.Attempt is not { } attempt ? ValueTask.FromResult(prepared.Error)
        : call.MayHedge && call.Plan.HedgeAfter is { } after ? HedgeAsync(call, step, attempt, after)
        : attempt.RunAsync();

    // On its own, since what it captures would else be made for every call.
    private ValueTask<GatewayError?> HedgeAsync(Call call, RouteStep step, Attempt first, TimeSpan after)
    {
        call.MayHedge = false;
        return Hedge.RunAsync(call, first, after, async () =>
        {
            RouteStep[] left = call.Plan.Steps[Math.Max(0, Array.IndexOf(call.Plan.Steps, step))..];
            return NextElsewhere(call, left, static _ => true, but: first.Backend) is { } next
                ? (await attempts.PrepareAsync(call, next.Step, next.Backend, mayWarmUp: false)).Attempt
                : null;
        });
    }

    // An upstream that says itself that its time was up has answered.
    private static bool WentSilent(Call call, GatewayError error) =>
        error.Kind == GatewayErrorKind.UpstreamTimeout && (call.Plan.RetryOn & RetryOn.TimeoutAgain) == 0 && call.Attempts is [.., { Status: not >= 400 }];

    private static bool IsOfCredential(GatewayError error) =>
        error.Kind is GatewayErrorKind.UpstreamRateLimited or GatewayErrorKind.UpstreamAuthentication or GatewayErrorKind.UpstreamQuotaExhausted;

    /// <summary>Whether another backend may be asked after this failure.</summary>
    private static bool MayMoveOn(Call call, GatewayError error)
    {
        RetryOn needed = error.Kind switch
        {
            GatewayErrorKind.UpstreamRateLimited or GatewayErrorKind.UpstreamQuotaExhausted => RetryOn.RateLimit,
            GatewayErrorKind.UpstreamTimeout => RetryOn.Timeout,
            GatewayErrorKind.UpstreamConnection => RetryOn.Connection,
            GatewayErrorKind.UpstreamServerError => RetryOn.ServerError,
            GatewayErrorKind.UpstreamInvalidResponse or GatewayErrorKind.UpstreamStreamBroken => RetryOn.InvalidResponse,
            GatewayErrorKind.UpstreamAuthentication => RetryOn.Authentication,
            GatewayErrorKind.UpstreamRefused when error.Code == UpstreamErrors.Firewall => RetryOn.Authentication,
            GatewayErrorKind.NoBackend or GatewayErrorKind.NotServable or GatewayErrorKind.Overloaded => RetryOn.All,
            _ => RetryOn.None,
        };
        return needed != RetryOn.None && (call.Plan.RetryOn & needed) != 0 && !call.Exchange.Aborted.IsCancellationRequested && call.TimeLeft >= AttemptScope.TimerSlack;
    }

    /// <summary>Whether the same backends may be asked again: not where the answer would only be the same.</summary>
    private static bool MayRetry(Call call, GatewayError error) =>
        error.Kind is not (GatewayErrorKind.UpstreamQuotaExhausted or GatewayErrorKind.UpstreamAuthentication or GatewayErrorKind.UpstreamRefused or GatewayErrorKind.NoBackend or GatewayErrorKind.NotServable or GatewayErrorKind.Overloaded)
        && MayMoveOn(call, error);
}
