using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Failover.Capabilities;
using Gateway.Core.Failover.Translated;
using Gateway.Core.Generation;
using Gateway.Core.Health;
using Gateway.Core.Limits;
using Gateway.Core.Relay;
using Gateway.Core.Relay.Uploads;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;

namespace Gateway.Core.Failover;

/// <summary>
/// The only loop over upstreams: goes through the plan's steps in order, through a step's backends as its policy chooses, and
/// around them again after a pause, until one answers or nothing is left. What is known to be dead is not asked. Nothing is tried once the client has been sent a byte.
/// </summary>
internal sealed class FailoverLoop(IReadOnlyDictionary<ProviderKind, IProviderAdapter> adapters, Translator translator, CapabilityTranslator capabilities, ILimitStore limits, ChaosSwitch? chaos, Random random)
{
    /// <summary>Null when an answer was passed on whole; else what the client is to be told.</summary>
    public async ValueTask<GatewayError?> RunAsync(Call call)
    {
        GatewayError? error = null;
        RouteStep[] steps = call.Plan.Steps;
        for (int i = 0; i < steps.Length; i++)
        {
            bool last = i == steps.Length - 1;
            GatewayError? before = error;
            error = await RunStepAsync(call, steps[i], last);
            if (error is null || call.Committed || !MayMoveOn(call, error))
            {
                return error;
            }
            error = FailoverErrors.MoreTelling(before, error);
        }
        return error;
    }

    private async ValueTask<GatewayError?> RunStepAsync(Call call, RouteStep step, bool last)
    {
        var rounds = new Rounds(call, step, last, random);
        GatewayError? error = null;
        while (true)
        {
            error = await RunRoundAsync(call, step, rounds, error);
            if (error is null || call.Committed || !MayMoveOn(call, error) || rounds.Next(error, MayRetry(call, error)) is not { } wait)
            {
                return error;
            }
            long waiting = call.Time.GetTimestamp();
            try
            {
                await Task.Delay(wait, call.Time, call.Exchange.Aborted);
            }
            catch (OperationCanceledException)
            {
                return ClientClosed;
            }
            call.WaitedTicks += call.Time.GetTimestamp() - waiting;
        }
    }

    /// <summary>Each of the step's backends once; in the first round none that failed this request before.</summary>
    private async ValueTask<GatewayError?> RunRoundAsync(Call call, RouteStep step, Rounds rounds, GatewayError? before)
    {
        GatewayError? error = null;
        IReadOnlyList<Backend> tried = rounds.IsFirst ? call.Failed : [];
        while (BackendPicker.Pick(step.Policy, step.Backends, tried, ContextOf(call)) is { } backend)
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
            }
            tried = rounds.IsFirst ? call.Failed : [.. tried, backend];
        }
        return error ?? before ?? FailoverErrors.NoBackend(step.Backends, call.NowMs);
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

    /// <summary>One backend: a credential that is refused or limited gives way to the next at once, each having its turn at most once.</summary>
    private async ValueTask<GatewayError?> CallBackendAsync(Call call, RouteStep step, Backend backend, bool mayWarmUp)
    {
        for (int left = backend.Provider.Pool.Length; ; left--)
        {
            GatewayError? error = await AttemptAsync(call, step, backend, mayWarmUp);
            if (error is null || call.Committed || call.Exchange.Aborted.IsCancellationRequested || backend.Provider.Pool.Length < 2 || !IsOfCredential(error))
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

    private static bool IsOfCredential(GatewayError error) =>
        error.Kind is GatewayErrorKind.UpstreamRateLimited or GatewayErrorKind.UpstreamAuthentication or GatewayErrorKind.UpstreamQuotaExhausted;

    private async ValueTask<GatewayError?> AttemptAsync(Call call, RouteStep step, Backend backend, bool mayWarmUp)
    {
        if (!adapters.TryGetValue(backend.Provider.Kind, out IProviderAdapter? adapter))
        {
            return new GatewayError(GatewayErrorKind.NoBackend, $"This gateway cannot call providers of the kind {backend.Provider.Kind.ToName()} yet.");
        }
        Operation asked = call.Envelope.Operation;
        Translation? translation = null;
        if (adapter.Serve(backend.Provider, asked) is not { } served)
        {
            return asked.CountsTokens() && !IsServedNatively(call) ? await CountEstimate.AnswerAsync(call) : Translator.NotServable(call, backend);
        }
        CapabilityBridge? bridge = null;
        if (served != asked || HoldsForeignSignatures(call))
        {
            // A picture may be made by the operation that generates text elsewhere; it is a capability all the same.
            if (asked.IsCapability() || served.GenerationWire() is not { } wire)
            {
                if (capabilities.Translate(call, backend, served, out bridge) is { } unbridgeable)
                {
                    return unbridgeable;
                }
            }
            else if (translator.Translate(call, backend, wire, out translation) is { } untranslatable)
            {
                return untranslatable;
            }
        }
        Admission admission = await ProviderLimits.RequestAsync(limits, call, backend);
        if (!admission.Decision.Admitted)
        {
            return ProviderLimits.Refusal(admission.Decision, call.TokensReserved);
        }
        if (!BackendPermit.TryTake(backend, call.NowMs, out BackendPermit permit))
        {
            admission.Settle(0, NanoUsd.Zero);
            return FailoverErrors.NoBackend([backend], call.NowMs);
        }
        if (CredentialPool.TryTake(backend, call.NowMs, call.TokensReserved, out CredentialLease lease) is { } exhausted)
        {
            admission.Settle(0, NanoUsd.Zero);
            permit.Return(CallOutcome.Unknown, call.NowMs, call.Options.Breaker);
            return exhausted;
        }
        var attempt = new AttemptScope(call, permit, lease.Definition) { MayBeWarming = mayWarmUp, Fault = chaos?.Find(call.Key, backend) };
        GatewayError? error = Unfinished;
        try
        {
            using var clock = new AttemptClock(call.Time, call.Options.TimeoutsFor(backend.Provider, step), call.Exchange.Aborted);
            try
            {
                error = await SendAsync(call, adapter, attempt, clock, served, translation, bridge);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
            {
                error = Explain(call, clock, e);
            }
        }
        finally
        {
            attempt.Complete(error);
            call.IsWarming = mayWarmUp && attempt.Status == 503;
            long used = UsedTokens(call);
            lease.Return(call.NowMs, error, attempt.Status, used);
            ProviderLimits.Settle(ref admission, call, used);
            if (error is null || call.Committed)
            {
                // With what a stream lost after its head was sent.
                call.Record.Lost = translation?.Notes.Lost ?? bridge?.Notes.Lost;
            }
            if (error is not null && !call.Committed)
            {
                call.ForgetAnswer();
            }
        }
        return error;
    }

    private static async ValueTask<GatewayError?> SendAsync(
        Call call, IProviderAdapter adapter, AttemptScope attempt, AttemptClock clock, Operation operation, Translation? translation, CapabilityBridge? bridge)
    {
        Backend backend = attempt.Backend;
        var upstream = new UpstreamCall
        {
            Backend = backend,
            Credential = attempt.Credential,
            Operation = operation,
            Headers = operation == call.Envelope.Operation ? call.Exchange.WireHeaders : [],
            Body = translation is not null ? FieldEdits.Apply(translation.Body, operation, backend.Provider.Profile)
                : bridge is not null ? new SplicedBody(bridge.Body, [], 0)
                : call.Envelope.Form is not null ? MultipartSplicer.Splice(call.Envelope, backend)
                : operation.IsCapability() && operation.NamesModelInPath() ? PathModelSplicer.Splice(call.Envelope, backend)
                : RequestSplicer.Splice(call.Envelope, backend, call.Plan.Model, AsksForUsage(backend.Provider)),
            ContentType = bridge is null ? call.Envelope.Form?.ContentType : null,
            Stream = call.Envelope.Stream && bridge is null,
            RequestId = call.Exchange.RequestId,
            TraceParent = call.Exchange.TraceParent,
            TraceState = call.Exchange.TraceState,
        };
        long waiting = call.Time.GetTimestamp();
        Task<HttpResponseMessage> sending = attempt.Fault is { } fault
            ? FaultInjector.SendAsync(fault, token => adapter.SendAsync(upstream, token), call.Time, clock.Token)
            : adapter.SendAsync(upstream, clock.Token);
        // While the upstream thinks there is time for what would otherwise delay the request.
        call.HashInput();
        using HttpResponseMessage response = await sending;
        attempt.FirstByte = call.Time.GetTimestamp();
        call.WaitedTicks += attempt.FirstByte.Value - waiting;
        attempt.Status = (int)response.StatusCode;
        Stream body = await response.Content.ReadAsStreamAsync(clock.Token);
        var reader = new UpstreamReader(body, call, clock);
        try
        {
            return await RelayAsync(call, attempt, clock, reader, response, translation, bridge);
        }
        finally
        {
            reader.Release();
        }
    }

    private static async ValueTask<GatewayError?> RelayAsync(
        Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response, Translation? translation, CapabilityBridge? bridge)
    {
        if (response.Content.Headers.NonValidated.Contains("Content-Encoding"))
        {
            return UpstreamErrors.Invalid("The upstream compressed its answer without being asked to.");
        }
        if ((int)response.StatusCode is < 200 or > 299)
        {
            await ReadErrorAsync(clock, reader);
            return UpstreamErrors.OfAnswer(attempt.Status!.Value, response.Headers, reader.Buffer.Span, attempt.Backend, attempt.Credential, call.Time.GetUtcNow());
        }
        if (bridge is not null)
        {
            return await BridgedRelay.RunAsync(call, attempt, clock, reader, response, bridge);
        }
        if (call.Envelope.Operation.IsCapability())
        {
            return await CapabilityRelay.RunAsync(call, attempt, clock, reader, response);
        }
        bool stream = call.Envelope.Stream && (IsEventStream(response) || await BeginsLikeEventsAsync(reader));
        if (translation is not null)
        {
            return await TranslatedRelay.RunAsync(call, attempt, clock, reader, response, translation, stream);
        }
        return stream
            ? await new StreamRelay(call, attempt, clock, reader, response).RunAsync()
            : await JsonRelay.RunAsync(call, attempt, clock, reader, response);
    }

    private bool IsServedNatively(Call call) => call.Plan.Steps.Any(s => s.Backends.Any(b =>
        adapters.TryGetValue(b.Provider.Kind, out IProviderAdapter? adapter) && adapter.Serve(b.Provider, call.Envelope.Operation) is not null));

    private static bool IsEventStream(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
        && (type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase)
            || type.ToString().StartsWith("application/vnd.amazon.eventstream", StringComparison.OrdinalIgnoreCase));

    // Some servers call a stream JSON; its first field name or colon tells.
    private static async ValueTask<bool> BeginsLikeEventsAsync(UpstreamReader reader)
    {
        while (FirstByte(reader.Buffer.Span) == 0 && await reader.ReadAsync())
        {
        }
        return FirstByte(reader.Buffer.Span) is (byte)'d' or (byte)'e' or (byte)'i' or (byte)'r' or (byte)':';
    }

    private static byte FirstByte(ReadOnlySpan<byte> body) => body.TrimStart(" \r\n\t"u8) is [var first, ..] ? first : (byte)0;

    private static async ValueTask ReadErrorAsync(AttemptClock clock, UpstreamReader reader)
    {
        const int MostErrorBytes = 65_536;
        try
        {
            while (reader.Buffer.Length < MostErrorBytes && await reader.ReadAsync())
            {
                clock.FirstContent();
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The status says enough; what came of the body is read as far as it goes.
        }
    }

    // A turn that another vendor answered, in the words of a client of this wire: this vendor would refuse what it did not sign.
    private static bool HoldsForeignSignatures(Call call) =>
        call.Envelope.Operation is Operation.ChatCompletions or Operation.Messages or Operation.Responses or Operation.GenerateContent
        && ForeignSignature.MayBeIn(call.Envelope.Operation.GenerationWire()!.Value, call.Envelope.Body.Span);

    private static bool AsksForUsage(Provider provider) =>
        provider.Profile is not { TakesStreamOptions: false } && (!provider.Settings.TryGetValue("include_usage", out string? value) || value != "false");

    private static GatewayError Explain(Call call, AttemptClock clock, Exception exception) =>
        call.Exchange.Aborted.IsCancellationRequested ? ClientClosed
        : clock.Token.IsCancellationRequested ? new GatewayError(
            GatewayErrorKind.UpstreamTimeout,
            call.Committed ? "The upstream fell silent in the middle of its answer." : "The upstream did not answer in time.")
        : call.Committed && exception is not OperationCanceledException ? UpstreamErrors.Broken
        : UpstreamErrors.OfException(exception);

    // What broke off after it began has cost something that is not known before the call is settled.
    private static long UsedTokens(Call call) =>
        call.Settled ? call.Record.Usage.TotalTokens
        : call.Reported.Source != UsageSource.None ? call.Reported.TotalTokens
        : call.Committed ? call.TokensReserved : 0;

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
            GatewayErrorKind.NoBackend or GatewayErrorKind.NotServable or GatewayErrorKind.Overloaded => RetryOn.All,
            _ => RetryOn.None,
        };
        return needed != RetryOn.None && (call.Plan.RetryOn & needed) != 0 && !call.Exchange.Aborted.IsCancellationRequested;
    }

    /// <summary>Whether the same backends may be asked again: not where the answer would only be the same.</summary>
    private static bool MayRetry(Call call, GatewayError error) =>
        error.Kind is not (GatewayErrorKind.UpstreamQuotaExhausted or GatewayErrorKind.UpstreamAuthentication or GatewayErrorKind.NoBackend or GatewayErrorKind.NotServable or GatewayErrorKind.Overloaded)
        && MayMoveOn(call, error);

    // Stands until an attempt is over, for one that ends by an exception nobody foresaw.
    private static readonly GatewayError Unfinished = new(GatewayErrorKind.Internal, "The attempt ended unexpectedly.");

    private static readonly GatewayError ClientClosed = new(GatewayErrorKind.ClientClosed, "The client closed the request.");
}
