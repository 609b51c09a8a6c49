using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Core.Live;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster;

/// <summary>
/// Shows the calls that other nodes serve, and ends them. Nodes tell of theirs when one asks, which it does as long as somebody looks;
/// else nothing is sent.
/// </summary>
internal sealed class SharedCalls : BackgroundService
{
    public const string Channel = LimitKeys.Prefix + "calls";

    // Of one node; its oldest.
    private const int Most = 200;

    // What was told longer ago is not shown.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Answering = TimeSpan.FromMilliseconds(250);

    private readonly RunningCalls _running;
    private readonly RedisLink _link;
    private readonly RedisSubscription _subscription;
    private readonly TimeProvider _time;

    // Names are people's to choose, and not always different.
    private readonly string _self = Guid.NewGuid().ToString("N")[..8];
    private readonly ConcurrentDictionary<string, Told> _told = new(StringComparer.Ordinal);
    private long _asked;

    public SharedCalls(RunningCalls running, RedisLink link, RedisDialer dialer, string nodeName, TimeProvider time, Random random)
    {
        (_running, _link, _time, Node) = (running, link, time, nodeName);
        _subscription = new RedisSubscription(dialer, Channel, Hear, static () => { }, time, random);
    }

    /// <summary>This node, as people call it.</summary>
    public string Node { get; }

    /// <summary>False: the others cannot be asked.</summary>
    public bool CanAsk => _link.IsUp;

    /// <summary>The calls of all other nodes, as they were told a moment ago. Waits only when nobody has looked lately.</summary>
    public async Task<IReadOnlyList<RunningCallView>> ListAsync(CancellationToken cancellationToken)
    {
        if (!CanAsk)
        {
            return [];
        }
        long before = Interlocked.Exchange(ref _asked, _time.GetTimestamp());
        await SayAsync(new Word(_self, Node));
        if (before == 0 || _time.GetElapsedTime(before) > Fresh)
        {
            await Task.Delay(Answering, _time, cancellationToken);
        }
        return [.. _told.Values
            .Where(t => _time.GetElapsedTime(t.At) <= Fresh)
            .SelectMany(t => t.Calls.Select(c => c with { AgeMs = c.AgeMs + (long)_time.GetElapsedTime(t.At).TotalMilliseconds }))];
    }

    /// <summary>Ends a call, on whichever node it runs; that it does not run any more is not told.</summary>
    public Task CancelAsync(Guid call) => SayAsync(new Word(_self, Node, Cancel: call));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await _subscription.RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private Task<RedisReply> SayAsync(Word word) => _link.SendAsync(new RespCommand("PUBLISH", Channel, JsonSerializer.Serialize(word)));

    // From a channel that others can write to: what is no word of a node is passed over.
    private void Hear(string text)
    {
        Word? word;
        try
        {
            word = JsonSerializer.Deserialize<Word>(text);
        }
        catch (JsonException)
        {
            return;
        }
        if (word is not { From: not null, Node: not null } || word.From == _self)
        {
            return;
        }
        if (word.Cancel is { } call)
        {
            _running.Cancel(call);
        }
        else if (word.To is null)
        {
            _ = SayAsync(new Word(_self, Node, word.From, [.. _running.List().Take(Most).Select(c => RunningCallView.Of(c, Node))]));
        }
        else if (word.To == _self && word.Calls is not null)
        {
            Keep(word.From, new Told(_time.GetTimestamp(), word.Calls));
        }
    }

    private void Keep(string from, Told told)
    {
        foreach ((string node, Told old) in _told)
        {
            if (_time.GetElapsedTime(old.At) > Fresh)
            {
                _told.TryRemove(node, out _);
            }
        }
        _told[from] = told;
    }

    /// <summary>A question; or, with <paramref name="To"/>, the answer to one; or, with <paramref name="Cancel"/>, an order.</summary>
    private sealed record Word(string From, string Node, string? To = null, IReadOnlyList<RunningCallView>? Calls = null, Guid? Cancel = null);

    private readonly record struct Told(long At, IReadOnlyList<RunningCallView> Calls);
}
