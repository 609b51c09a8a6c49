using Gateway.Core.Catalog;

namespace Gateway.Core.Routing.Policies;

/// <summary>
/// Chooses among the backends that may be called now and are of one priority. Stateless but for the backends' own state, one
/// instance for the whole process, safe for concurrent use.
/// </summary>
public interface IRoutingPolicy
{
    /// <summary>As in the catalog, for example <c>least-busy</c>.</summary>
    string Name { get; }

    /// <summary>One of <paramref name="candidates"/>.</summary>
    /// <param name="candidates">At least two, of one priority.</param>
    Backend Pick(ReadOnlySpan<Backend> candidates, in RoutingContext context);

    /// <summary>What <see cref="Pick"/> judges by, lower is better, and in words: for a dry run. Changes nothing.</summary>
    PolicyScore Score(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context);
}

/// <param name="Value">Lower is better.</param>
/// <param name="Text">For people, for example <c>2 calls in flight</c>.</param>
public readonly record struct PolicyScore(double Value, string Text);
