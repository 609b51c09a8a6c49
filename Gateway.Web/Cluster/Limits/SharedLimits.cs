using System.Collections.Concurrent;
using Gateway.Core.Budgets;
using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Redis;

namespace Gateway.Web.Cluster.Limits;

/// <summary>
/// Counts in Redis, exact over all nodes, and beside it in this process, so that when Redis goes away this node goes on from
/// what it has let through itself. Whether calls then pass by the local count or are refused is a setting; back is automatic.
/// </summary>
internal sealed class SharedLimits(
    RedisLink link, LimitEventQueue events, LocalLimits local, KnownSpending known, ClusterNode node, RedisSettings settings, TimeProvider time) : ILimitStore
{
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(1);

    // Reservations that got no answer: they may have been made, or may be yet.
    private readonly ConcurrentDictionary<Guid, bool> _unsure = new();

    private readonly Predicate<Budget> _isKnown = local.KnowsSpending;

    public ValueTask<LimitDecision> ReserveAsync(LimitLease lease, CancellationToken cancellationToken)
    {
        if (!local.KnowsSpending(lease))
        {
            return ReserveSeededAsync(lease, cancellationToken);
        }
        var call = new ReserveCall(lease, LimitKeys.LimitingScopes(lease, _isKnown), node, known, time.GetUtcNow());
        return !call.IsLimited ? new(local.Reserve(lease))
            : link.IsUp ? ReserveSharedAsync(call, lease, cancellationToken)
            : new(ReserveAlone(lease));
    }

    public void Extend(LimitLease lease, long tokens, NanoUsd money)
    {
        (long tokensBefore, NanoUsd moneyBefore) = (lease.Tokens, lease.Money);
        local.Extend(lease, tokens, money);
        if (lease.Tokens != tokensBefore || lease.Money != moneyBefore)
        {
            Post(LimitEventKind.Grown, lease, lease.Tokens, lease.Money.Value, unsure: false);
        }
    }

    public void Settle(LimitLease lease, long usedTokens, NanoUsd cost)
    {
        if (!lease.Ended)
        {
            local.Settle(lease, usedTokens, cost);
            List<Budget>? shared = ShareUnseeded(lease, cost);
            events.Held.Remove(lease);
            // What has become known since is told already.
            LimitScope[] left = LimitKeys.LimitingScopes(lease, shared is null ? _isKnown : NotOf(shared));
            Post(LimitEventKind.Ended, lease, left, usedTokens, cost.Value, _unsure.TryRemove(lease.Id, out _));
        }
    }

    public void Share(LimitScope scope, Budget budget, BudgetWindow window, NanoUsd cost) => Share(scope, budget, window.Start, cost);

    private void Share(LimitScope scope, Budget budget, DateTimeOffset at, NanoUsd cost)
    {
        if (cost == NanoUsd.Zero)
        {
            return;
        }
        // As a call that had this budget alone, and is over.
        LimitScope[] alone = [new LimitScope { Kind = scope.Kind, Id = scope.Id, Name = scope.Name, Budgets = [budget], State = scope.State }];
        var lease = new LimitLease { Id = Guid.NewGuid(), Scopes = alone, StartedAt = at, Deadline = at };
        var happened = new LimitEvent(LimitEventKind.Ended, lease, alone, 0, cost.Value, Unsure: false);
        if (local.KnowsSpending(budget))
        {
            events.Post(happened);
        }
        else
        {
            _ = events.PostSeededAsync(happened, budget.Meter.Seeded);
        }
    }

    // A soft budget keeps no call waiting until it is known what was spent before.
    private List<Budget>? ShareUnseeded(LimitLease lease, NanoUsd cost)
    {
        List<Budget>? shared = null;
        foreach (LimitScope scope in lease.Scopes)
        {
            foreach (Budget budget in scope.Budgets)
            {
                if (!local.KnowsSpending(budget))
                {
                    Share(scope, budget, lease.StartedAt, cost);
                    (shared ??= []).Add(budget);
                }
            }
        }
        return shared;
    }

    // A function of its own: a settlement that needs none is to make none.
    private static Predicate<Budget> NotOf(List<Budget> shared) => b => !shared.Contains(b);

    public LimitDecision Peek(LimitLease lease) => local.Peek(lease);

    private async ValueTask<LimitDecision> ReserveSeededAsync(LimitLease lease, CancellationToken cancellationToken)
    {
        if (await local.WaitForSpendingAsync(lease, cancellationToken))
        {
            return await ReserveAsync(lease, cancellationToken);
        }
        lease.Ended = true;
        return LimitDecision.Unavailable(TimeSpan.FromSeconds(5));
    }

    private async ValueTask<LimitDecision> ReserveSharedAsync(ReserveCall call, LimitLease lease, CancellationToken cancellationToken)
    {
        RedisReply reply;
        try
        {
            reply = await link.EvalAsync(LimitScripts.Reserve, call.Write).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            GiveUp(lease);
            throw;
        }
        if (reply.IsAnswer && call.TryRead(reply, out LimitDecision decision))
        {
            if (!decision.Admitted)
            {
                lease.Ended = true;
                return decision;
            }
            // Redis may have been emptied: what this node has let through itself counts here all the same.
            LimitDecision own = local.Reserve(lease);
            if (!own.Admitted)
            {
                Post(LimitEventKind.TakenBack, lease, 0, 0, unsure: false);
                return own;
            }
            Hold(lease);
            return decision;
        }
        link.Report(reply);
        decision = ReserveAlone(lease);
        if (!decision.Admitted)
        {
            GiveUp(lease);
        }
        else if (reply.Kind == RedisReplyKind.None)
        {
            _unsure[lease.Id] = true;
            Hold(lease);
        }
        return decision;
    }

    private void Hold(LimitLease lease) => events.Held.Add(lease, LimitKeys.LimitingScopes(lease, _isKnown));

    private LimitDecision ReserveAlone(LimitLease lease)
    {
        if (settings.FailsOpen)
        {
            return local.Reserve(lease);
        }
        lease.Ended = true;
        return LimitDecision.Unavailable(Recheck);
    }

    private void GiveUp(LimitLease lease)
    {
        lease.Ended = true;
        Post(LimitEventKind.TakenBack, lease, 0, 0, unsure: true);
    }

    private void Post(LimitEventKind kind, LimitLease lease, long tokens, long money, bool unsure) =>
        Post(kind, lease, LimitKeys.LimitingScopes(lease, _isKnown), tokens, money, unsure);

    private void Post(LimitEventKind kind, LimitLease lease, LimitScope[] scopes, long tokens, long money, bool unsure)
    {
        if (scopes.Length > 0)
        {
            events.Post(new LimitEvent(kind, lease, scopes, tokens, money, unsure));
        }
    }
}
