using Gateway.Core.Live;
using Gateway.Web.Administration.Traffic;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster;

/// <summary>Shows the calls that other nodes serve, and ends them.</summary>
internal sealed class SharedCalls : BackgroundService
{
    public const string Channel = LimitKeys.Prefix + "calls";

    // Of one node; its oldest.
    private const int Most = 200;

    private readonly NodePoll<RunningCallView> _nodes;

    public SharedCalls(RunningCalls running, RedisLink link, RedisDialer dialer, string nodeName, TimeProvider time, Random random)
    {
        Node = nodeName;
        _nodes = new NodePoll<RunningCallView>(
            Channel, () => [.. running.List().Take(Most).Select(c => RunningCallView.Of(c, nodeName))], call => running.Cancel(call), link, dialer, nodeName, time, random);
    }

    /// <summary>This node, as people call it.</summary>
    public string Node { get; }

    /// <summary>False: the others cannot be asked.</summary>
    public bool CanAsk => _nodes.CanAsk;

    /// <summary>The calls of all other nodes, as they were told a moment ago.</summary>
    public async Task<IReadOnlyList<RunningCallView>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _nodes.AskAsync(cancellationToken)).SelectMany(a => a.Items.Select(c => c with { AgeMs = c.AgeMs + (long)a.Age.TotalMilliseconds }))];

    /// <summary>Ends a call, on whichever node it runs; that it does not run any more is not told.</summary>
    public Task CancelAsync(Guid call) => _nodes.OrderAsync(call);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _nodes.RunAsync(stoppingToken);
}
