using System.Security.Cryptography;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Core.Failover.Translated;
using Gateway.Core.Generation;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Limits;
using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Core.Relay;
using Gateway.Core.Routing;

namespace Gateway.Core.Failover;

/// <summary>One admitted request on its way: what the stages know and find out. Used by one task at a time.</summary>
internal sealed class Call(GatewayExchange exchange, GatewayOptions options, TimeProvider time)
{
    private readonly List<AttemptRecord> _attempts = new(1);
    private List<Backend>? _failed;
    private List<Backend>? _silent;

    public GatewayExchange Exchange => exchange;
    public GatewayOptions Options => options;
    public TimeProvider Time => time;

    /// <summary>Timestamp of the request's arrival.</summary>
    public long Started { get; } = time.GetTimestamp();
    public UsageRecord Record { get; } = new();

    // Set stage by stage.
    public CatalogSnapshot Snapshot { get; set; } = CatalogSnapshot.Empty;
    /// <summary>Null until the caller is known.</summary>
    public ApiKey? Key { get; set; }
    public RequestEnvelope Envelope { get; set; } = null!;
    public RoutePlan Plan { get; set; } = null!;

    /// <summary>The request in the canonical form, once an attempt needed it.</summary>
    public GenerationRequest? Generation { get; set; }

    /// <summary>The stored answer that the request goes on from; null if it names none, or none is known.</summary>
    public StoredResponse? Previous { get; set; }

    /// <summary>Keeps answers of the Responses wire; null where nothing does.</summary>
    public IResponseStore? Store { get; init; }
    public Admission Admission;

    /// <summary>Keeps what is said in the call; null, as a rule.</summary>
    public CallCapture? Capture { get; set; }

    /// <summary>What the request holds while it is served.</summary>
    public LoadPlace Place { get; set; }

    /// <summary>Tokens that the call is estimated to cost at most, input and output; set when it is admitted.</summary>
    public long TokensReserved { get; set; }

    /// <summary>The part of <see cref="TokensReserved"/> that is input.</summary>
    public long InputHeld { get; set; }

    /// <summary>Where the call is noted as running; 0 if it is not.</summary>
    public int InFlightSlot { get; private set; }

    private InFlightTable? _inFlight;

    // Of the attempts that run: one, or two where one is hedged. Guarded by the list of attempts, which is nobody else's to lock.
    private AttemptClock? _clock;
    private AttemptClock? _second;
    private int _begun;
    private int _spans;

    /// <summary>The id of the span that the next attempt is.</summary>
    public ulong NextSpan() => TraceContext.SpanOf(Record.Id, ++_spans);

    /// <summary>An operator ended it.</summary>
    public bool Cancelled { get; private set; }

    /// <summary>Attempts that were begun.</summary>
    public int AttemptCount => Volatile.Read(ref _begun);

    /// <summary>An attempt of it can be ended from outside.</summary>
    public bool MayCancel => Envelope.Operation != Operation.PassThrough;

    /// <summary>Notes the call as running, so that it is in the books even if the process is killed.</summary>
    public void NoteIn(InFlightTable table, RunningCalls? running)
    {
        InFlightSlot = (_inFlight = table).Begin(Record, InputHeld);
        if (InFlightSlot != 0)
        {
            running?.Set(InFlightSlot, this);
        }
    }

    /// <summary>Notes how much of the answer has been sent.</summary>
    public void NoteProgress() => _inFlight?.Progress(InFlightSlot, OutputSoFar);

    /// <summary>Output tokens that have been sent on, reported or estimated.</summary>
    public long OutputSoFar => Math.Max(Reported.OutputTokens, Output.Tokens);

    /// <summary>
    /// What an answer used that did not come to its end. Some upstreams report output at a stream's start, of a token or two, and
    /// then at its end: all that was sent counts where that is more, and is estimated.
    /// </summary>
    public Usage UsageSoFar =>
        Reported.Source != UsageSource.None && Output.Tokens > Reported.OutputTokens && (Output.Tokens > _outputAtReport || Reported.OutputTokens == 0)
            ? Reported with { Source = UsageSource.Estimated, OutputTokens = Output.Tokens }
            : Reported;

    private long _outputAtReport;

    /// <summary>An attempt begins, which <see cref="Cancel"/> ends.</summary>
    public void Begin(AttemptClock clock)
    {
        lock (_attempts)
        {
            _begun++;
            (_clock, _second) = (clock, _clock);
            if (Cancelled)
            {
                clock.Cancel();
            }
        }
    }

    /// <summary>The attempt is over.</summary>
    public void End(AttemptClock clock)
    {
        lock (_attempts)
        {
            (_clock, _second) = clock == _clock ? (_second, null) : (_clock, clock == _second ? null : _second);
        }
    }

    /// <summary>Ends whatever attempt runs, and every further one. Called from any thread.</summary>
    public bool Cancel()
    {
        if (!MayCancel)
        {
            return false;
        }
        lock (_attempts)
        {
            Cancelled = true;
            _clock?.Cancel();
            _second?.Cancel();
        }
        return true;
    }

    /// <summary>Bytes have gone to the client: from here on nothing is tried again.</summary>
    public bool Committed { get; set; }

    /// <summary>
    /// Closes the accounts: fills the record in, writes it to the journal and gives the reservation back; a second call does
    /// nothing. False when the journal could not take the record. Set by the pipeline, called before an answer's last byte.
    /// </summary>
    public required Func<Call, int, GatewayError?, ValueTask<bool>> SettleAsync { get; init; }
    public bool Settled { get; set; }

    /// <summary>The backend that is being, or was last, called.</summary>
    public Backend? Backend
    {
        get;
        set
        {
            field = value;
            // The head of a stream says who answers, long before the call is settled.
            (Record.Provider, Record.BackendId, Record.UpstreamModel) = (value?.Provider.Name, value?.Id, value?.UpstreamModel);
            if (value is not null)
            {
                _inFlight?.Called(InFlightSlot, value.Id);
            }
        }
    }

    /// <summary>Backends that failed this request.</summary>
    public IReadOnlyList<Backend> Failed => _failed ?? [];

    /// <summary>Of the last attempt: a 503 that may be that of a model which is being loaded.</summary>
    public bool IsWarming { get; set; }

    public void AddFailed(Backend backend) => (_failed ??= []).Add(backend);

    /// <summary>Those of them that let it wait until its time was up: what they may have generated is paid for, and asking again would cost as much again.</summary>
    public IReadOnlyList<Backend> Silent => _silent ?? [];

    public void AddSilent(Backend backend) => (_silent ??= []).Add(backend);

    /// <summary>What is left of the time for the whole call, which begins when the request is there.</summary>
    public TimeSpan TimeLeft => options.TotalTimeout - Spent;

    /// <summary>The limits of an attempt that begins now. A step or provider that allows more than the gateway does has that much.</summary>
    public Timeouts TimeoutsFor(Provider provider, RouteStep step)
    {
        Timeouts own = options.TimeoutsFor(provider, step, madeWhole: !Envelope.Stream && Envelope.Operation.IsMadeWhole());
        TimeSpan left = (own.Total > options.TotalTimeout ? own.Total : options.TotalTimeout) - Spent;
        return own.Total <= left ? own : own with { Total = left > TimeSpan.Zero ? left : TimeSpan.Zero };
    }

    private TimeSpan Spent => time.GetElapsedTime(Started) - TimeSpan.FromMicroseconds(Record.Trace?.ReadUs ?? 0);

    /// <summary>A second backend may be asked beside the first, for both of which is held what limits and budgets want.</summary>
    public bool MayHedge { get; set; }

    /// <summary>A stream that breaks may be gone on with elsewhere, so that it goes through the canonical form.</summary>
    public bool IsRecoverable => Plan.RecoverStreams && Envelope is { Stream: true, Choices: 1 } && Envelope.Operation.GenerationWire() is not null;

    /// <summary>The stream that the client is getting, where it is recoverable.</summary>
    public ResumableAnswer? Resumable { get; set; }

    /// <summary>Tokens of attempts that the answer is not, or not only, from; estimated.</summary>
    public long SunkTokens { get; private set; }

    /// <summary>What these attempts cost, as far as it is known.</summary>
    public NanoUsd SunkCost { get; private set; }

    /// <summary>Once it is settled: what the attempt cost that was answered from; zero where no price is known.</summary>
    public NanoUsd AnswerCost => Record.Cost is { } cost ? new NanoUsd(cost.Value - SunkCost.Value) : NanoUsd.Zero;

    private (Usage Reported, Usage Used, OutputMeasure Output, Backend Backend)? _before;

    /// <summary>Books what an attempt cost beside the answer's own. The cost is null where no price is known.</summary>
    public (long Tokens, NanoUsd? Cost) Sink(Backend backend, Usage used)
    {
        NanoUsd? cost = CostCalculator.Cost(used, Snapshot.Prices.Find(backend.UpstreamModel, backend.Provider, Record.StartedAt));
        SunkTokens += used.TotalTokens;
        SunkCost += cost ?? NanoUsd.Zero;
        return (used.TotalTokens, cost);
    }

    // The last attempt that an upstream may bill although it brought nothing.
    private (Backend Backend, int Index, Usage Used, NanoUsd Cost)? _unanswered;

    /// <summary>
    /// Books the input of an attempt that nobody waits for any more, as estimated. Its record is about to be added.
    /// </summary>
    public long SinkUnanswered(Backend backend, out NanoUsd? cost)
    {
        var used = new Usage(UsageSource.Estimated, InputHeld, 0, 0, 0, 0);
        (long tokens, cost) = Sink(backend, used);
        _unanswered = (backend, _attempts.Count, used, cost ?? NanoUsd.Zero);
        return tokens;
    }

    /// <summary>Where the call ends with such an attempt, that is not sunk beside an answer, but what the call itself used; null where it does not.</summary>
    public Usage? TakeUnanswered()
    {
        if (_unanswered is not { } last || last.Backend != Backend)
        {
            return null;
        }
        _unanswered = null;
        SunkTokens -= last.Used.TotalTokens;
        SunkCost -= last.Cost;
        _attempts[last.Index] = _attempts[last.Index] with { SunkCost = null };
        return last.Used;
    }

    /// <summary>An answer that broke is about to be gone on with: the figures of what was sent are kept until something more is.</summary>
    public void BeginContinuation()
    {
        _before = (Reported, UsageSoFar, Output, Backend!);
        (Reported, Output) = (default, default);
    }

    /// <summary>It goes on: what the broken attempt used is sunk.</summary>
    public void KeepContinuation()
    {
        if (_before is not { } before)
        {
            return;
        }
        _before = null;
        Usage used = before.Used.Source != UsageSource.None ? before.Used : new Usage(UsageSource.Estimated, InputHeld, 0, 0, before.Output.Tokens, 0);
        (_, NanoUsd? cost) = Sink(before.Backend, used);
        int index = _attempts.FindLastIndex(a => a.BackendId == before.Backend.Id);
        if (index >= 0)
        {
            _attempts[index] = _attempts[index] with { SunkCost = cost };
        }
    }

    /// <summary>What the upstream reported; <see cref="UsageSource.None"/> if it did not.</summary>
    public Usage Reported { get; private set; }

    /// <summary>Text that was sent on, measured in case nothing is reported.</summary>
    public OutputMeasure Output;

    /// <summary>What is reported for this call teaches the model's calibration: input and output are estimated as well.</summary>
    public bool Calibrating { get; private set; }

    /// <summary>Timestamp ticks spent waiting for upstreams.</summary>
    public long WaitedTicks { get; set; }

    /// <summary>Timestamp at which the last content of a stream was there; 0 while none was.</summary>
    public long LastContent { get; set; }
    public IReadOnlyList<AttemptRecord> Attempts => _attempts;

    /// <summary>The model's name in the answer; kept only where the upstream's own is that of a deployment, which no price list knows.</summary>
    public string? AnsweredModel { get; private set; }

    /// <summary>The id of an answer that the upstream keeps; null where it keeps none.</summary>
    public string? KeptUpstream { get; private set; }

    /// <summary>
    /// The upstream makes the answer in the background, to its end even if this call is over: until its usage is reported, what it
    /// may use at most is booked.
    /// </summary>
    public bool IsMadeLater { get; set; }

    /// <summary>The answer's id, and the number of its next event, on wires that have such.</summary>
    public (string? Id, int NextEvent) Answer { get; set; }

    /// <summary>The stream, in case that it ends here.</summary>
    public BrokenStream Broken => new(Answer.NextEvent, Answer.Id, Envelope.Model, Record.StartedAt);

    /// <param name="json">The answer's id as a JSON string; empty for none.</param>
    public void NoteId(ReadOnlySpan<byte> json)
    {
        if (Answer.Id is null && json.Length > 2)
        {
            Answer = (System.Text.Encoding.UTF8.GetString(json[1..^1]), Answer.NextEvent);
            KeptUpstream = Store is { Enabled: true } && !Envelope.StoreRefused ? Answer.Id : null;
        }
    }

    /// <param name="json">The name as a JSON string.</param>
    public void NoteModel(ReadOnlySpan<byte> json)
    {
        if (AnsweredModel is null && json.Length > 2 && Backend?.Provider.Kind == ProviderKind.AzureOpenAI)
        {
            AnsweredModel = System.Text.Encoding.UTF8.GetString(json[1..^1]);
        }
    }

    /// <summary>As <see cref="NoteModel"/>, of a name that is text already.</summary>
    public void NoteModelName(string name)
    {
        if (Backend?.Provider.Kind == ProviderKind.AzureOpenAI)
        {
            AnsweredModel ??= name;
        }
    }

    /// <summary>Takes what the upstream says it used.</summary>
    public void Report(Usage usage)
    {
        if (Reported.Source == UsageSource.None)
        {
            Calibrating = Plan.Model is { } model && model.State.Calibration.WantsObservation;
        }
        _outputAtReport = Output.Tokens;
        // No answer has more; a count beyond that would leave what sums hold.
        Reported = usage with { InputTokens = Math.Clamp(usage.InputTokens, 0, int.MaxValue), OutputTokens = Math.Clamp(usage.OutputTokens, 0, int.MaxValue) };
    }

    /// <summary>
    /// The answer is not passed on to its end, for what it holds. What it used until then counts; and an upstream that keeps its
    /// answers has one that is not to be gone on with.
    /// </summary>
    /// <param name="whole">The upstream was heard to its end, so that what it reports is all there is.</param>
    public void CutShort(bool whole)
    {
        if (!whole)
        {
            Reported = UsageSoFar;
        }
        Calibrating = false;
        KeptUpstream = null;
        Record.FinishReason = "content_filter";
    }

    /// <summary>
    /// Drops what an attempt brought that failed before the client got any of it: nobody bills it, and it must not stand for
    /// what the next attempt uses.
    /// </summary>
    public void ForgetAnswer()
    {
        if (_before is { } before)
        {
            (Reported, _, Output, Backend) = before;
            _before = null;
            return;
        }
        Reported = default;
        Output = default;
        AnsweredModel = null;
        (Answer, KeptUpstream, IsMadeLater) = (default, null, false);
        Record.FinishReason = null;
    }

    /// <summary>Puts the hash of the input into the record; once, however many attempts there are.</summary>
    public void HashInput()
    {
        if (Record.InputHash is null && Envelope.Input.Exists)
        {
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Envelope.Input.Of(Envelope.Body.Span), digest);
            Record.InputHash = Convert.ToHexStringLower(digest);
        }
    }

    public void Add(AttemptRecord attempt) => _attempts.Add(attempt);

    public long MicrosecondsSince(long timestamp) => (long)(time.GetElapsedTime(timestamp).TotalMicroseconds);

    public long NowMs => (long)time.GetElapsedTime(0).TotalMilliseconds;
}
