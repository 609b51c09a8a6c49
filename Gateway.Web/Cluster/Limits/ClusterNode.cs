namespace Gateway.Web.Cluster.Limits;

/// <summary>This process among the nodes. A new name with every start: what a predecessor held comes free because it is gone.</summary>
internal sealed class ClusterNode
{
    private readonly string _id = Guid.NewGuid().ToString("N")[..16];

    /// <summary>There for as long as the node says so, every second.</summary>
    public string PresenceKey => $"{LimitKeys.Prefix}node:{_id}";

    /// <summary>The number of its last batch of settlements that was counted.</summary>
    public string BatchKey => $"{LimitKeys.Prefix}batch:{_id}";
}
