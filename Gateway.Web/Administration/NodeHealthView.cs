using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Gateway.Web.Administration;

/// <summary>How a backend stands on one of several nodes.</summary>
public sealed record NodeHealthView : HealthFacts
{
    [JsonConstructor]
    public NodeHealthView()
    {
    }

    [SetsRequiredMembers]
    internal NodeHealthView(string node, HealthFacts facts)
        : base(facts)
    {
        Node = node;
    }

    /// <summary>The node, as people call it.</summary>
    public required string Node { get; init; }

    /// <summary>False: the node knows nothing of it.</summary>
    internal bool HasCalled => Successes + Failures + InFlight > 0 || Breaker != "closed";
}
