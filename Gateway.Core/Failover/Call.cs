using System.Security.Cryptography;
using Gateway.Core.Accounting;
using Gateway.Core.Accounting.Journaling;
using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Core.Failover.Translated;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.StoredResponses;
using Gateway.Core.Limits;
using Gateway.Core.Live;
using Gateway.Core.Load;
using Gateway.Core.Relay;
using Gateway.Core.Routing;

namespace Gateway.Core.Failover;

/// <summary>One admitted request on its way: what the stages know and find out. Used by one task at a time.</summary>
internal sealed partial class Call(GatewayExchange exchange, GatewayOptions options, TimeProvider time)
{
    private readonly List<AttemptRecord> _attempts = new(1);
    private List<Backend>? _failed;
    private List<Backend>? _silent;

    public GatewayExchange Exchange => exchange;
    public GatewayOptions Options => options;
    public TimeProvider Time => time;

    /// <summary>Timestamp of the request's arrival.</summary>
    public long Started { get; } = time.GetTimestamp();
    public UsageRecord Record { get; } = Begun(exchange, options, time);

    // Set stage by stage.
    public CatalogSnapshot Snapshot { get; set; } = CatalogSnapshot.Empty;
    /// <summary>Null until the caller is known.</summary>
    public ApiKey? Key { get; set; }
    public RequestEnvelope Envelope { get; set; } = null!;
    public RoutePlan Plan { get; set; } = null!;

    /// <summary>The request in the canonical form, once an attempt needed it.</summary>
    public GenerationRequest? Generation { get; set; }

    /// <summary>What is lost in translation by the attempt whose answer is passed on; null where nothing is translated.</summary>
    public ConversionNotes? Notes { get; set; }

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
    private CancellationTokenSource? _ended;
    private int _begun;
    private int _spans;

    /// <summary>The id of the span that the next attempt is.</summary>
    public ulong NextSpan() => TraceContext.SpanOf(Record.Id, ++_spans);

    /// <summary>Why it was ended from outside; null as long as nobody did.</summary>
    public GatewayError? Cancelled { get; private set; }

    /// <summary>Cancelled by <see cref="Cancel"/>: for whatever of the call is not an attempt's, such as a wait between two.</summary>
    public CancellationToken Ended
    {
        get
        {
            lock (_attempts)
            {
                _ended ??= new CancellationTokenSource();
                if (Cancelled is not null)
                {
                    _ended.Cancel();
                }
                return _ended.Token;
            }
        }
    }

    /// <summary>Attempts that were begun.</summary>
    public int AttemptCount => Volatile.Read(ref _begun);

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

    /// <summary>An attempt begins, which <see cref="Cancel"/> ends.</summary>
    public void Begin(AttemptClock clock)
    {
        lock (_attempts)
        {
            _begun++;
            (_clock, _second) = (clock, _clock);
            if (Cancelled is not null)
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

    /// <summary>Ends whatever attempt or wait runs, and every further one. Called from any thread.</summary>
    public void Cancel(GatewayError reason)
    {
        lock (_attempts)
        {
            Cancelled ??= reason;
            _clock?.Cancel();
            _second?.Cancel();
            _ended?.Cancel();
        }
    }

    /// <summary>Bytes have gone to the client: from here on nothing is tried again.</summary>
    public bool Committed { get; private set; }

    /// <summary>Sets the head of a good answer; its body follows through <see cref="GatewayExchange.Output"/>.</summary>
    /// <param name="upstream">Whose headers travel; null if the answer is the gateway's own.</param>
    /// <param name="length">Bytes of the body; null for a stream.</param>
    /// <param name="lossy">What the translation to another wire lost; null for nothing.</param>
    public void Commit(string contentType, HttpResponseMessage? upstream, bool streamed, long? length = null, string? lossy = null)
    {
        Committed = true;
        exchange.Start(new ResponseHead
        {
            Status = 200,
            ContentType = contentType,
            ContentLength = length,
            Limits = Admission.Decision,
            Record = Record,
            Streamed = streamed,
            Upstream = upstream,
            Estimated = upstream is null,
            GatewayHeaders = options.GatewayHeaders,
            Lossy = lossy,
        });
    }

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
    public IReadOnlyList<Backend> Failed => _failed is null ? [] : _failed;

    /// <summary>Of the last attempt: a 503 that may be that of a model which is being loaded.</summary>
    public bool IsWarming { get; set; }

    public void AddFailed(Backend backend) => (_failed ??= []).Add(backend);

    /// <summary>Those of them that let it wait until its time was up: what they may have generated is paid for, and asking again would cost as much again.</summary>
    public IReadOnlyList<Backend> Silent => _silent is null ? [] : _silent;

    public void AddSilent(Backend backend) => (_silent ??= []).Add(backend);

    /// <summary>What is left of the time for the whole call, which begins when the request is there.</summary>
    public TimeSpan TimeLeft => options.TotalTimeout - SpentAt(time.GetTimestamp());

    /// <summary>The limits of an attempt that begins. A step or provider that allows more than the gateway does has that much.</summary>
    /// <param name="at">Timestamp of its beginning.</param>
    public Timeouts TimeoutsFor(Provider provider, RouteStep step, long at)
    {
        Timeouts own = options.TimeoutsFor(provider, step, madeWhole: !Envelope.Stream && Envelope.Operation.IsMadeWhole());
        TimeSpan left = (own.Total > options.TotalTimeout ? own.Total : options.TotalTimeout) - SpentAt(at);
        return own.Total <= left ? own : own with { Total = left > TimeSpan.Zero ? left : TimeSpan.Zero };
    }

    private TimeSpan SpentAt(long timestamp) => time.GetElapsedTime(Started, timestamp) - TimeSpan.FromMicroseconds(Record.Trace?.ReadUs ?? 0);

    /// <summary>A second backend may be asked beside the first, for both of which is held what limits and budgets want.</summary>
    public bool MayHedge { get; set; }

    /// <summary>A stream that breaks may be gone on with elsewhere, so that it goes through the canonical form.</summary>
    public bool IsRecoverable => Plan.RecoverStreams && Envelope is { Stream: true, Choices: 1 } && Envelope.Operation.GenerationWire() is not null;

    /// <summary>The stream that the client is getting, where it is recoverable.</summary>
    public ResumableAnswer? Resumable { get; set; }

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

    private static UsageRecord Begun(GatewayExchange exchange, GatewayOptions options, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        Guid id = CallId.New(now);
        TraceContext trace = TraceContext.Of(exchange.Trace, id, options.TraceSampling);
        return new UsageRecord
        {
            StartedAt = now,
            Id = id,
            RequestId = exchange.RequestId,
            TraceContext = trace,
            TraceId = trace.TraceId,
            Operation = exchange.Operation,
            Method = exchange.Method,
            Path = exchange.Path,
        };
    }

    public void Add(AttemptRecord attempt) => _attempts.Add(attempt);

    public long MicrosecondsSince(long timestamp) => (long)(time.GetElapsedTime(timestamp).TotalMicroseconds);

    public long NowMs => MillisecondsAt(time.GetTimestamp());

    /// <summary>A timestamp on the clock of <see cref="NowMs"/>.</summary>
    public long MillisecondsAt(long timestamp) => (long)time.GetElapsedTime(0, timestamp).TotalMilliseconds;
}
