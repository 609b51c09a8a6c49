using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster;

/// <summary>
/// Asks the other nodes for what each of them has of a kind, and tells them what this one has. Nodes tell when one asks, which it does
/// as long as somebody looks; else nothing is sent.
/// </summary>
/// <typeparam name="T">Travels as JSON.</typeparam>
/// <param name="channel">Of this kind alone.</param>
/// <param name="own">What this node has; called from any thread.</param>
/// <param name="obey">Does what another node asks for, by an id of its own kind; null where nothing can be asked for.</param>
/// <param name="nodeName">This node, as people call it.</param>
internal sealed class NodePoll<T>(
    string channel, Func<IReadOnlyList<T>> own, Action<Guid>? obey, RedisLink link, RedisDialer dialer, string nodeName, TimeProvider time, Random random)
{
    // What was told longer ago is not shown.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Answering = TimeSpan.FromMilliseconds(250);

    // Names are people's to choose, and not always different.
    private readonly string _self = Guid.NewGuid().ToString("N")[..8];
    private readonly ConcurrentDictionary<string, Told> _told = new(StringComparer.Ordinal);
    private long _asked;

    /// <summary>False: the others cannot be asked.</summary>
    public bool CanAsk => link.IsUp;

    /// <summary>What all other nodes have, as they told a moment ago. Waits only when nobody has looked lately.</summary>
    public async Task<IReadOnlyList<NodeAnswer<T>>> AskAsync(CancellationToken cancellationToken)
    {
        if (!CanAsk)
        {
            return [];
        }
        long before = Interlocked.Exchange(ref _asked, time.GetTimestamp());
        await SayAsync(new Word(_self, nodeName));
        if (before == 0 || time.GetElapsedTime(before) > Fresh)
        {
            await Task.Delay(Answering, time, cancellationToken);
        }
        return [.. _told.Values.Select(t => new NodeAnswer<T>(t.Node, time.GetElapsedTime(t.At), t.Items)).Where(a => a.Age <= Fresh)];
    }

    /// <summary>Asks every other node to do something about what has this id; that none has it any more is not told.</summary>
    public Task OrderAsync(Guid id) => SayAsync(new Word(_self, nodeName, Order: id));

    /// <summary>Listens to the others until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await new RedisSubscription(dialer, channel, Hear, static () => { }, time, random).RunAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private Task<RedisReply> SayAsync(Word word) => link.SendAsync(new RespCommand("PUBLISH", channel, JsonSerializer.Serialize(word)));

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
        if (word.Order is { } id)
        {
            obey?.Invoke(id);
        }
        else if (word.To is null)
        {
            _ = SayAsync(new Word(_self, nodeName, word.From, own()));
        }
        else if (word.To == _self && word.Items is not null)
        {
            Keep(word.From, new Told(word.Node, time.GetTimestamp(), word.Items));
        }
    }

    private void Keep(string from, Told told)
    {
        foreach ((string node, Told old) in _told)
        {
            if (time.GetElapsedTime(old.At) > Fresh)
            {
                _told.TryRemove(node, out _);
            }
        }
        _told[from] = told;
    }

    /// <summary>A question; or, with <paramref name="To"/>, the answer to one; or, with <paramref name="Order"/>, what is to be done.</summary>
    private sealed record Word(string From, string Node, string? To = null, IReadOnlyList<T>? Items = null, Guid? Order = null);

    private readonly record struct Told(string Node, long At, IReadOnlyList<T> Items);
}

/// <summary>What one node has told.</summary>
/// <param name="Age">How long ago.</param>
internal readonly record struct NodeAnswer<T>(string Node, TimeSpan Age, IReadOnlyList<T> Items);
