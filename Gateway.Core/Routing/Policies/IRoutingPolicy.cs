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

    /// <summary>What <see cref="Pick"/> judges by; lower is better. Changes nothing.</summary>
    double Score(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context);

    /// <summary>The same in words, for example <c>2 calls in flight</c>.</summary>
    string Describe(ReadOnlySpan<Backend> candidates, Backend backend, in RoutingContext context);
}
