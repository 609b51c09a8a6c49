using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Failover.Capabilities;
using Gateway.Core.Failover.Translated;
using Gateway.Core.Limits;
using Gateway.Core.Relay;
using Gateway.Core.Relay.Uploads;

namespace Gateway.Core.Failover;

/// <summary>
/// One call to one backend: opened, its answer passed on, ended. Two may be open for one request at a time (see
/// <see cref="Hedge"/>); until its answer is passed on an attempt changes nothing of the call.
/// </summary>
internal sealed class Attempt(Call call, IProviderAdapter adapter, AttemptScope scope, CredentialLease lease, Admission admission, Timeouts timeouts)
{
    private static readonly TimeSpan MostErrorTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StaleWithin = TimeSpan.FromSeconds(1);

    private readonly AttemptClock _clock = ClockOf(call, timeouts, scope.Started);
    private HttpResponseMessage? _response;
    private UpstreamReader? _reader;
    private Admission _admission = admission;
    private bool _ended;

    /// <summary>What is called upstream.</summary>
    public required Operation Operation { get; init; }

    /// <summary>Null where the bytes travel as they are.</summary>
    public required Translation? Translation { get; init; }

    /// <summary>For an answer that is not in the form that was asked for.</summary>
    public required Translator Translator { get; init; }

    /// <summary>Null where nothing but generation is translated.</summary>
    public required CapabilityBridge? Bridge { get; init; }
    public Backend Backend => scope.Backend;

    /// <summary>The client has got something of this attempt's answer.</summary>
    public bool HasDelivered => scope.Delivered;

    /// <summary>The whole attempt, from its request to its entry in the record. Null when its answer was passed on whole.</summary>
    public async ValueTask<GatewayError?> RunAsync()
    {
        GatewayError? error = Unfinished;
        try
        {
            HttpResponseMessage response;
            try
            {
                response = await SendAsync();
            }
            catch (Exception e) when (IsOfStaleConnection(e))
            {
                response = await SendAsync();
            }
            scope.FirstByte = call.Time.GetTimestamp();
            call.WaitedTicks += scope.FirstByte.Value - scope.Started;
            error = await BeginAsync(response, racing: false) ?? await RelayAsync();
        }
        catch (Exception e) when (IsOfUpstream(e))
        {
            error = Explain(e);
        }
        finally
        {
            End(error);
        }
        return error;
    }

    /// <summary>
    /// Sends the request and waits for the first content of an answer that may be passed on; null when there is some. Leaves the
    /// call's own figures alone, since another attempt runs beside this one.
    /// </summary>
    public async Task<GatewayError?> OpenAsync()
    {
        try
        {
            HttpResponseMessage response;
            try
            {
                response = await SendAsync();
            }
            catch (Exception e) when (IsOfStaleConnection(e))
            {
                response = await SendAsync();
            }
            scope.FirstByte = call.Time.GetTimestamp();
            GatewayError? error = await BeginAsync(response, racing: true)
                ?? await new FirstContent(_reader!, Operation, Translation, Backend, scope.Credential).WaitAsync(IsStream(response), call.Options.MaxEventBytes);
            _reader!.Racing = false;
            return error;
        }
        catch (Exception e) when (IsOfUpstream(e))
        {
            return Explain(e);
        }
    }

    /// <summary>Passes the answer on; null when the client has all of it.</summary>
    public async ValueTask<GatewayError?> RelayAsync()
    {
        (UpstreamReader reader, HttpResponseMessage response) = (_reader!, _response!);
        call.Notes = Translation?.Notes ?? Bridge?.Notes;
        try
        {
            if (Bridge is not null)
            {
                return await BridgedRelay.RunAsync(call, scope, reader, response, Bridge);
            }
            if (call.Envelope.Operation.IsCapability())
            {
                return await CapabilityRelay.RunAsync(call, scope, _clock, reader, response);
            }
            bool stream = IsStream(response) || (call.Envelope.Stream && await BeginsLikeEventsAsync(reader));
            // Who asked for a stream reads events, and would make nothing of a document.
            if ((Translation ?? (call.Envelope.Stream && !stream ? Translator.OfAnswer(call) : null)) is { } translation)
            {
                return await TranslatedRelay.RunAsync(call, scope, _clock, reader, response, translation, stream);
            }
            return stream
                ? await new StreamRelay(call, scope, _clock, reader, response).RunAsync()
                : await JsonRelay.RunAsync(call, scope, reader, response);
        }
        catch (Exception e) when (IsOfUpstream(e))
        {
            return Explain(e);
        }
    }

    /// <summary>Closes the attempt's own accounts; the first call counts.</summary>
    public void End(GatewayError? error)
    {
        if (_ended)
        {
            return;
        }
        _ended = true;
        Release();
        NanoUsd? sunk = null;
        long used = IsUnanswered(error) ? call.SinkUnanswered(Backend, out sunk) : UsedTokens;
        scope.Complete(error, sunk);
        call.IsWarming = scope.MayBeWarming && scope.Status == 503;
        lease.Return(call.MillisecondsAt(scope.Ended), error, scope.Status, used);
        ProviderLimits.Settle(ref _admission, call, used, scope.Delivered, sunk);
        if (error is not null && !scope.Delivered)
        {
            call.ForgetAnswer();
        }
    }

    /// <summary>
    /// Gives up an attempt that another one was quicker than. What its upstream may bill all the same is booked as estimated. Does
    /// nothing where it has ended.
    /// </summary>
    /// <param name="opening">What <see cref="OpenAsync"/> returned; still running.</param>
    public void Abandon(Task opening)
    {
        if (_ended)
        {
            return;
        }
        _ended = true;
        _clock.Cancel();
        (long tokens, NanoUsd? cost) = call.Sink(Backend, new Usage(UsageSource.Estimated, call.InputHeld, 0, 0, 0, 0));
        scope.Supersede(cost);
        lease.Return(call.MillisecondsAt(scope.Ended), Superseded, scope.Status, tokens);
        _admission.Settle(tokens, cost ?? NanoUsd.Zero);
        // The connection is closing; nobody waits for that.
        _ = opening.ContinueWith(static (_, attempt) => ((Attempt)attempt!).Release(), this, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static AttemptClock ClockOf(Call call, Timeouts timeouts, long started)
    {
        var clock = new AttemptClock(call.Time, timeouts, started, call.Exchange.Aborted);
        call.Begin(clock);
        return clock;
    }

    private void Release()
    {
        call.End(_clock);
        _reader?.Release();
        _response?.Dispose();
        _clock.Dispose();
    }

    private Task<HttpResponseMessage> SendAsync()
    {
        UpstreamCall upstream = ToUpstream();
        scope.Sent = upstream;
        Task<HttpResponseMessage> sending = scope.Fault is { } fault ? SendAsync(upstream, fault) : adapter.SendAsync(upstream, _clock.Token);
        // While the upstream thinks there is time for what would otherwise delay the request.
        call.HashInput();
        return sending;
    }

    /// <summary>Takes the answer's head; null when what follows may be passed on.</summary>
    private async ValueTask<GatewayError?> BeginAsync(HttpResponseMessage response, bool racing)
    {
        _response = response;
        scope.Status = (int)response.StatusCode;
        _reader = new UpstreamReader(response.Content.ReadAsStream(_clock.Token), call, _clock, scope.FirstByte!.Value) { Racing = racing, IsText = IsText(response) };
        bool readable = !IsCompressed(response);
        if (scope.Status is < 200 or > 299)
        {
            if (readable)
            {
                await ReadErrorAsync(_reader);
            }
            return UpstreamErrors.OfAnswer(scope.Status.Value, response.Headers, _reader.Buffer.Span, Backend, scope.Credential, call.Time.GetUtcNow());
        }
        return readable ? null : UpstreamErrors.Invalid("The upstream compressed its answer without being asked to.");
    }

    // On its own, since what it captures would else be made for every call.
    private Task<HttpResponseMessage> SendAsync(UpstreamCall upstream, Fault fault) =>
        FaultInjector.SendAsync(fault, token => adapter.SendAsync(upstream, token), call.Time, _clock.Token);

    private UpstreamCall ToUpstream() => new()
    {
        Backend = Backend,
        Credential = scope.Credential,
        Operation = Operation,
        Headers = Operation == call.Envelope.Operation ? call.Exchange.WireHeaders : [],
        Body = Translation is not null ? FieldEdits.Apply(Translation.Body, Operation, Backend.Provider)
            : Bridge is not null ? new SplicedBody(Bridge.Body, [], 0)
            : call.Envelope.Form is not null ? MultipartSplicer.Splice(call.Envelope, Backend)
            : Operation.IsCapability() && Operation.NamesModelInPath() ? PathModelSplicer.Splice(call.Envelope, Backend)
            : RequestSplicer.Splice(call.Envelope, Backend, call.Plan.Model, AsksForUsage(Backend.Provider)),
        ContentType = Bridge is null ? call.Envelope.Form?.ContentType : null,
        Stream = call.Envelope.Stream && Bridge is null,
        RequestId = call.Exchange.RequestId,
        IdempotencyKey = IdempotencyKey.For(call.Exchange.IdempotencyKey, call.Key, Backend, scope.Credential),
        TraceParent = call.Record.TraceContext.ToHeader(scope.SpanId),
        TraceState = call.Record.TraceContext.State,
    };

    private bool IsStream(HttpResponseMessage response) =>
        call.Envelope.Stream
        && response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
        && (type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase)
            || type.ToString().StartsWith("application/vnd.amazon.eventstream", StringComparison.OrdinalIgnoreCase));

    // Of other answers every byte may be part of a sound or a text that is passed on as it is.
    private bool IsText(HttpResponseMessage response) =>
        !call.Envelope.Operation.IsCapability()
        || Bridge is not null
        || (response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type)
            && (type.ToString().StartsWith("application/json", StringComparison.OrdinalIgnoreCase) || type.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase)));

    // Some servers call a stream JSON; its first field name or colon tells.
    private static async ValueTask<bool> BeginsLikeEventsAsync(UpstreamReader reader) =>
        await reader.PeekAsync() is (byte)'d' or (byte)'e' or (byte)'i' or (byte)'r' or (byte)':';

    private static bool IsCompressed(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var encoding)
        && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase);

    private async ValueTask ReadErrorAsync(UpstreamReader reader)
    {
        const int MostErrorBytes = 65_536;
        try
        {
            _clock.Limit(MostErrorTime);
            while (reader.Buffer.Length < MostErrorBytes && await reader.ReadAsync())
            {
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException
            || (e is OperationCanceledException && call.Cancelled is null && !call.Exchange.Aborted.IsCancellationRequested))
        {
            // The status says enough; what came of the body is read as far as it goes.
        }
    }

    private static bool AsksForUsage(Provider provider) =>
        provider.Profile is not { TakesStreamOptions: false } && (!provider.Settings.TryGetValue("include_usage", out string? value) || value != "false");

    private static bool IsOfUpstream(Exception exception) => exception is OperationCanceledException or HttpRequestException or IOException;

    // The upstream closed a connection that had been idle just when it was used again: nobody has read the request, and nothing is wrong with the
    // backend. What takes longer may be an upstream that broke down over it.
    private bool IsOfStaleConnection(Exception exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException }
            or IOException
        && scope.Sent is { IsFirstOfConnection: false, Url: not null } && scope.Fault is null
        && call.Time.GetElapsedTime(scope.Started) < StaleWithin && !_clock.Token.IsCancellationRequested;

    private GatewayError Explain(Exception exception) =>
        call.Exchange.Aborted.IsCancellationRequested ? FailoverErrors.ClientClosed
        : call.Cancelled is { } reason ? reason
        : _clock.Token.IsCancellationRequested ? new GatewayError(
            GatewayErrorKind.UpstreamTimeout,
            call.Committed ? "The upstream fell silent in the middle of its answer." : "The upstream did not answer in time.")
        : call.Committed && exception is not OperationCanceledException ? UpstreamErrors.Broken
        : UpstreamErrors.OfException(exception);

    // The upstream has the whole request and works on it, or did, when nobody waits for its answer any more: it bills the input.
    private bool IsUnanswered(GatewayError? error) =>
        error?.Kind is GatewayErrorKind.UpstreamTimeout or GatewayErrorKind.ClientClosed or GatewayErrorKind.Cancelled or GatewayErrorKind.ShuttingDown
        && !scope.IsComplete && !scope.Delivered && call.Reported.Source == UsageSource.None
        && scope.Sent is { IsWritten: true } && scope.Status is null or (>= 200 and <= 299) && call.Envelope.Operation.IsEstimated();

    // What broke off after it began has cost something that is not known before the call is settled.
    private long UsedTokens =>
        call.Settled ? call.Record.Usage.TotalTokens
        : call.Reported.Source != UsageSource.None ? call.UsageSoFar.TotalTokens
        : scope.Delivered ? call.TokensReserved : 0;

    // Stands until an attempt is over, for one that ends by an exception nobody foresaw.
    public static readonly GatewayError Unfinished = new(GatewayErrorKind.Internal, "The attempt ended unexpectedly.");

    private static readonly GatewayError Superseded = new(GatewayErrorKind.ClientClosed, "Another attempt was quicker.");
}
