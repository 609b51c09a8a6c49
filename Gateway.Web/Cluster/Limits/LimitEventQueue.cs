using System.Threading.Channels;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster.Limits;

/// <summary>
/// Brings what became of calls to Redis, in order and each once, however often the connection breaks: batches are numbered,
/// some are on their way at the same time, and after a failure all that have no answer are sent again from the oldest on.
/// Bounded: what does not fit any more is dropped, and its reservation ends with its lease.
/// </summary>
internal sealed partial class LimitEventQueue : BackgroundService
{
    private const int Most = 65_536;
    private const int MostInBatch = 32;
    private const int MostKeysInBatch = 512;
    private const int MostOnTheWay = 8;
    private const int MostAttempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly Channel<LimitEvent> _events = Channel.CreateBounded<LimitEvent>(new BoundedChannelOptions(Most) { SingleReader = true });
    private readonly Queue<Batch> _onTheWay = new();
    private readonly RedisLink _link;
    private readonly KnownSpending _known;
    private readonly ClusterNode _node;
    private readonly TimeProvider _time;
    private readonly ILogger<LimitEventQueue> _logger;
    private LimitEvent? _left;
    private long _lastNumber;
    private int _unsettled;
    private int _isDropping;

    public LimitEventQueue(RedisLink link, KnownSpending known, ClusterNode node, TimeProvider time, ILogger<LimitEventQueue> logger)
    {
        (_link, _known, _node, _time, _logger) = (link, known, node, time, logger);
        // A batch of nothing: says that this node is there, and finds out whether Redis writes and runs scripts.
        link.Probe = () =>
        {
            foreach (LimitEvent renewed in Held.Renew(_time.GetUtcNow()))
            {
                Post(renewed);
            }
            return SendAsync(number: 0, oldest: 0, []);
        };
    }

    /// <summary>Looked through with every beat of the connection.</summary>
    public HeldLeases Held { get; } = new();

    /// <summary>Events that Redis has not answered yet.</summary>
    public int Unsettled => Volatile.Read(ref _unsettled);

    /// <summary>Never waits.</summary>
    public void Post(LimitEvent happened)
    {
        happened.Sending(_known);
        Write(happened);
    }

    /// <summary>
    /// Posts when it is known what a budget's window had cost before: with an event Redis is told, in case it knows nothing of
    /// it. Until then the cost counts as on its way.
    /// </summary>
    public async Task PostSeededAsync(LimitEvent happened, Task seeded)
    {
        happened.Sending(_known);
        await seeded;
        Write(happened);
    }

    private void Write(LimitEvent happened)
    {
        Interlocked.Increment(ref _unsettled);
        if (_events.Writer.TryWrite(happened))
        {
            Volatile.Write(ref _isDropping, 0);
            return;
        }
        Drop(happened);
        if (Interlocked.Exchange(ref _isDropping, 1) == 0)
        {
            LogDropping(Most);
        }
    }

    /// <summary>Calls have ended by now; what they used should not be lost with this process.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        while (Unsettled > 0 && _link.IsUp && _time.GetElapsedTime(start) < FarewellTime && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, _time, CancellationToken.None);
        }
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task<bool>? more = null;
        // None, unless this starts again after a failure, of which theirs may have been the cause.
        SendAgain();
        try
        {
            while (true)
            {
                while (_onTheWay.Count < MostOnTheWay && Take() is { } batch)
                {
                    _onTheWay.Enqueue(batch);
                    Send(batch);
                }
                if (more is null or { IsCompleted: true })
                {
                    more = _events.Reader.WaitToReadAsync(stoppingToken).AsTask();
                }
                if (!_onTheWay.TryPeek(out Batch? oldest))
                {
                    await more;
                }
                else if (oldest.Reply.IsCompleted || _onTheWay.Count == MostOnTheWay)
                {
                    await AcceptAsync(oldest, stoppingToken);
                }
                else
                {
                    await Task.WhenAny(oldest.Reply, more);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task AcceptAsync(Batch oldest, CancellationToken stoppingToken)
    {
        RedisReply reply = await oldest.Reply;
        if (reply.IsAnswer)
        {
            _onTheWay.Dequeue();
            Arrived(oldest.Events, reply.Items.AsSpan());
            return;
        }
        if (reply.ErrorCode != "GAP")
        {
            _link.Report(reply);
        }
        // A batch that Redis answers with an error time and again must not hold up all others; its number stays taken.
        if (reply.Kind == RedisReplyKind.Error && _link.Condition == RedisCondition.Failing && ++oldest.Attempts >= MostAttempts)
        {
            LogRefused(oldest.Events.Length, reply.ErrorCode);
            Array.ForEach(oldest.Events, Drop);
            oldest.Events = [];
        }
        await Task.WhenAll(_onTheWay.Select(b => b.Reply));
        do
        {
            await Task.Delay(Pause, _time, stoppingToken);
        }
        while (!_link.IsUp);
        SendAgain();
    }

    private void SendAgain()
    {
        foreach (Batch batch in _onTheWay)
        {
            Send(batch);
        }
    }

    private Batch? Take()
    {
        var events = new List<LimitEvent>();
        int keys = 0;
        while (events.Count < MostInBatch && (_left is not null || _events.Reader.TryRead(out _left)))
        {
            if (events.Count > 0 && keys + _left.Keys > MostKeysInBatch)
            {
                break;
            }
            keys += _left.Keys;
            events.Add(_left);
            _left = null;
        }
        return events.Count == 0 ? null : new Batch { Number = ++_lastNumber, Events = [.. events] };
    }

    private void Send(Batch batch) => batch.Reply = SendAsync(batch.Number, _onTheWay.Peek().Number, batch.Events);

    private Task<RedisReply> SendAsync(long number, long oldest, LimitEvent[] events) => _link.EvalAsync(LimitScripts.Settle, command =>
    {
        command.Add(2 + events.Sum(e => e.Keys)).Add(_node.PresenceKey).Add(_node.BatchKey);
        Array.ForEach(events, e => e.WriteKeys(command));
        command.Add(number).Add(oldest).Add(events.Length);
        DateTimeOffset now = _time.GetUtcNow();
        Array.ForEach(events, e => e.WriteArguments(command, _known, now));
    });

    private void Arrived(LimitEvent[] events, ReadOnlySpan<RedisReply> answer)
    {
        ReadOnlySpan<RedisReply> figures = answer.Length > 1 ? answer[1..] : [];
        foreach (LimitEvent happened in events)
        {
            figures = happened.Arrived(_known, figures);
            Interlocked.Decrement(ref _unsettled);
        }
    }

    private void Drop(LimitEvent happened)
    {
        happened.Dropped(_known);
        Interlocked.Decrement(ref _unsettled);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "More than {Most} ended calls wait for Redis; further ones will be missing from the shared limits and budgets.")]
    private partial void LogDropping(int most);

    [LoggerMessage(Level = LogLevel.Error, Message = "Redis does not take the settlement of {Count} calls ({Reason}); they are missing from the shared limits and budgets.")]
    private partial void LogRefused(int count, string reason);

    private sealed class Batch
    {
        public required long Number { get; init; }
        public required LimitEvent[] Events { get; set; }
        public Task<RedisReply> Reply { get; set; } = Task.FromResult(default(RedisReply));
        public int Attempts { get; set; }
    }
}
