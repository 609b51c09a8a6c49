using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Cluster.Limits;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster;

/// <summary>Shows how the backends stand on the other nodes.</summary>
internal sealed class SharedBackends : BackgroundService
{
    public const string Channel = LimitKeys.Prefix + "backends";

    // Of one node; those that were called most.
    private const int Most = 500;

    private readonly NodePoll<NodeHealthView> _nodes;

    public SharedBackends(GatewayCatalog catalog, RedisLink link, RedisDialer dialer, string nodeName, TimeProvider time, Random random)
    {
        Node = nodeName;
        _nodes = new NodePoll<NodeHealthView>(Channel, () => Own(catalog.Current, nodeName, time), obey: null, link, dialer, nodeName, time, random);
    }

    /// <summary>This node, as people call it.</summary>
    public string Node { get; }

    /// <summary>How the backends stand on the other nodes that called them, as they told a moment ago.</summary>
    public async Task<IReadOnlyList<NodeHealthView>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await _nodes.AskAsync(cancellationToken)).SelectMany(a => a.Items)];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _nodes.RunAsync(stoppingToken);

    private static IReadOnlyList<NodeHealthView> Own(CatalogSnapshot catalog, string node, TimeProvider time) =>
        [.. catalog.Backends.Values.Select(b => new NodeHealthView(node, HealthView.Of(b, null, time))).Where(v => v.HasCalled).OrderByDescending(v => v.Successes + v.Failures).Take(Most)];
}
