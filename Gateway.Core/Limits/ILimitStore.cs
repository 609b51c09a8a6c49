using Gateway.Core.Budgets;
using Gateway.Core.Catalog;

namespace Gateway.Core.Limits;

/// <summary>
/// Where limits and budgets are counted: in this process (<see cref="LocalLimits"/>), or shared by several nodes. Safe for
/// concurrent use.
/// </summary>
public interface ILimitStore
{
    /// <summary>
    /// Takes what the lease asks of all of its scopes, or nothing of any. Completes synchronously in one process; a shared store
    /// must answer within a bound of its own, whatever becomes of the network.
    /// </summary>
    ValueTask<LimitDecision> ReserveAsync(LimitLease lease, CancellationToken cancellationToken);

    /// <summary>More is being used than was reserved: holds this much from now on, however much is left. Never waits.</summary>
    /// <param name="tokens">In all, not in addition; less than what is held changes nothing.</param>
    void Extend(LimitLease lease, long tokens, NanoUsd money);

    /// <summary>Gives back what the lease holds and counts what was used. Does nothing when called again; never waits.</summary>
    void Settle(LimitLease lease, long usedTokens, NanoUsd cost);

    /// <summary>
    /// The books have a cost that no call of this process settled, or a correction of one (negative: it was cheaper). Tells those
    /// who count together with this process, and does nothing where it counts alone. Never waits.
    /// </summary>
    void Share(LimitScope scope, Budget budget, BudgetWindow window, NanoUsd cost);

    /// <summary>The state of the scopes as this process knows it, taking nothing.</summary>
    LimitDecision Peek(LimitLease lease);
}
