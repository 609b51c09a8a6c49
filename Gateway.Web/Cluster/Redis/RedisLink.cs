namespace Gateway.Web.Cluster.Redis;

/// <summary>
/// The node's way to Redis: one connection that commands share, opened again whenever it ends. Whether Redis is of use is
/// found out by this loop alone, every second or half: callers ask <see cref="IsUp"/>, which costs nothing, and while it is
/// false nobody waits for anything. Each change of condition is one line in the log.
/// </summary>
internal sealed partial class RedisLink(RedisSettings settings, RedisDialer dialer, TimeProvider time, Random random, ILogger<RedisLink> logger) : BackgroundService
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _changing = new();
    private volatile RedisConnection? _connection;
    private volatile RedisCondition _condition;
    private volatile Outage _outage = new(time.GetUtcNow(), DateTimeOffset.MaxValue);

    public RedisCondition Condition => _condition;

    /// <summary>True: commands are worth sending.</summary>
    public bool IsUp => _condition == RedisCondition.Up;

    /// <summary>Whether the last time that Redis was of no use spans that moment; before the first there is the start of the process.</summary>
    public bool WasAwayAt(DateTimeOffset instant) => _outage is var last && instant >= last.From && instant < last.Until;

    /// <summary>Asked regularly, whatever the condition; its answer is the condition. Set before the start.</summary>
    public Func<Task<RedisReply>>? Probe { get; set; }

    /// <summary>Never throws; answers within the connection's patience.</summary>
    public Task<RedisReply> SendAsync(RespCommand command) =>
        _connection?.SendAsync(command) ?? Task.FromResult(RedisReply.NoAnswer("there is no connection"));

    /// <summary>Runs a script, which is sent along only when Redis does not have it.</summary>
    /// <param name="arguments">Adds the number of keys, the keys and the arguments to a command.</param>
    public async Task<RedisReply> EvalAsync(RedisScript script, Action<RespCommand> arguments)
    {
        var byName = new RespCommand("EVALSHA", script.Sha);
        arguments(byName);
        RedisReply reply = await SendAsync(byName);
        if (reply.ErrorCode != "NOSCRIPT")
        {
            return reply;
        }
        var whole = new RespCommand("EVAL", script.Text);
        arguments(whole);
        return await SendAsync(whole);
    }

    /// <summary>Redis was of no use to a command: it is not asked again before the loop has looked at it.</summary>
    public void Report(in RedisReply reply)
    {
        if (!reply.IsAnswer)
        {
            (RedisCondition condition, string reason) = Judge(reply);
            Change(condition, reason);
        }
    }

    /// <summary>Gives Redis a moment to be found, so that the first requests are counted together with other nodes'.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_looked.Task, Task.Delay(FirstWait, time, cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(random);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                (RedisConnection? connection, string problem) = await dialer.OpenAsync(pushed: null, stoppingToken);
                if (connection is null)
                {
                    Change(RedisCondition.Away, problem);
                }
                else
                {
                    if (await UseAsync(connection, stoppingToken))
                    {
                        backoff.Reset();
                    }
                    stoppingToken.ThrowIfCancellationRequested();
                    Change(RedisCondition.Away, connection.Reason);
                }
                await Task.Delay(backoff.Next(), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <summary>Until the connection is of no more use; whether it ever was.</summary>
    private async Task<bool> UseAsync(RedisConnection connection, CancellationToken stoppingToken)
    {
        await using RedisConnection owned = connection;
        _connection = connection;
        bool wasUp = false;
        try
        {
            while (!connection.Closed.IsCompleted && !stoppingToken.IsCancellationRequested)
            {
                RedisReply reply = await (Probe?.Invoke() ?? SendAsync(new RespCommand("PING")));
                if (connection.Closed.IsCompleted)
                {
                    break;
                }
                if (reply.IsAnswer)
                {
                    wasUp = true;
                    Change(RedisCondition.Up, "");
                }
                Report(reply);
                await Task.WhenAny(connection.Closed, Task.Delay(IsUp ? Beat : Recheck, time, stoppingToken));
            }
            return wasUp;
        }
        finally
        {
            _connection = null;
        }
    }

    private static (RedisCondition Condition, string Reason) Judge(in RedisReply reply) => reply.ErrorCode switch
    {
        "" => (RedisCondition.Away, reply.Text),
        "READONLY" => (RedisCondition.ReadOnly, "READONLY"),
        "NOPERM" => (RedisCondition.RefusesScripts, "NOPERM"),
        "ERR" when reply.Text.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase) => (RedisCondition.RefusesScripts, "unknown command"),
        string code => (RedisCondition.Failing, code),
    };

    private void Change(RedisCondition condition, string reason)
    {
        lock (_changing)
        {
            if (_condition == condition)
            {
                return;
            }
            (RedisCondition before, _condition) = (_condition, condition);
            DateTimeOffset now = time.GetUtcNow();
            _outage = condition == RedisCondition.Up ? _outage with { Until = now }
                : before == RedisCondition.Up ? new Outage(now, DateTimeOffset.MaxValue)
                : _outage;
            if (condition != RedisCondition.Up)
            {
                LogGone(settings.Endpoint, Describe(condition), reason, settings.FailsOpen
                    ? "limits are counted on this node alone until it is back"
                    : "calls that are under limits are refused until it is back");
            }
            else if (before != RedisCondition.Unknown)
            {
                LogBack(settings.Endpoint);
            }
            else
            {
                LogFound(settings.Endpoint);
            }
        }
        _looked.TrySetResult();
    }

    private sealed record Outage(DateTimeOffset From, DateTimeOffset Until);

    private static string Describe(RedisCondition condition) => condition switch
    {
        RedisCondition.ReadOnly => "is read-only",
        RedisCondition.RefusesScripts => "refuses scripts",
        RedisCondition.Failing => "answers with errors",
        _ => "cannot be used",
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Redis at {Endpoint} {What} ({Reason}); {Consequence}.")]
    private partial void LogGone(RedisEndpoint endpoint, string what, string reason, string consequence);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis at {Endpoint} is back; limits are shared again.")]
    private partial void LogBack(RedisEndpoint endpoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis at {Endpoint} is connected; limits are shared with other nodes.")]
    private partial void LogFound(RedisEndpoint endpoint);
}
