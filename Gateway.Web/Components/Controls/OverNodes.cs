using Gateway.Web.Administration;

namespace Gateway.Web.Components.Controls;

/// <summary>How a backend stands, over all nodes that have called it.</summary>
/// <param name="IsUnwell">On one of them at least.</param>
/// <param name="LastFailure">The newest of all.</param>
/// <param name="Unlike">Nodes on which its circuit is not closed, and how it is there; empty where there is but one node.</param>
internal readonly record struct OverNodes(bool IsUnwell, long Attempts, long Failures, int InFlight, HealthFailure? LastFailure, IReadOnlyList<NodeHealthView> Unlike)
{
    public static OverNodes Of(HealthView backend) => backend.Nodes is { Count: > 0 } nodes
        ? new OverNodes(
            IsBad(backend.State) || nodes.Any(n => IsBad(n.State)),
            nodes.Sum(n => n.Successes + n.Failures),
            nodes.Sum(n => n.Failures),
            nodes.Sum(n => n.InFlight),
            nodes.Select(n => n.LastFailure).MaxBy(f => f?.At),
            nodes.Count == 1 ? [] : [.. nodes.Where(n => n.Breaker != "closed")])
        : new OverNodes(IsBad(backend.State), backend.Successes + backend.Failures, backend.Failures, backend.InFlight, backend.LastFailure, []);

    public static bool IsBad(string state) => state is "failing" or "recovering" or "draining";
}
