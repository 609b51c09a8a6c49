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

    public ValueTask<LimitDecision> ReserveAsync(LimitLease lease, CancellationToken cancellationToken)
    {
        if (!local.KnowsSpending(lease))
        {
            return ReserveSeededAsync(lease, cancellationToken);
        }
        var call = new ReserveCall(lease, node, known, time.GetUtcNow());
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
            Post(LimitEventKind.Ended, lease, usedTokens, cost.Value, _unsure.TryRemove(lease.Id, out _));
        }
    }

    public void Share(LimitScope scope, Budget budget, BudgetWindow window, NanoUsd cost)
    {
        if (cost == NanoUsd.Zero)
        {
            return;
        }
        // As a call that had this budget alone, and is over.
        var alone = new LimitScope { Kind = scope.Kind, Id = scope.Id, Name = scope.Name, Budgets = [budget], State = scope.State };
        var lease = new LimitLease { Id = Guid.NewGuid(), Scopes = [alone], StartedAt = window.Start, Deadline = window.Start };
        if (local.KnowsSpending(budget))
        {
            Post(LimitEventKind.Ended, lease, 0, cost.Value, unsure: false);
        }
        else
        {
            _ = PostSeededAsync(budget, lease, cost);
        }
    }

    // With an event Redis is told what the window had cost before, in case it knows nothing of it: that must be known here first.
    private async Task PostSeededAsync(Budget budget, LimitLease lease, NanoUsd cost)
    {
        await budget.Meter.Seeded;
        Post(LimitEventKind.Ended, lease, 0, cost.Value, unsure: false);
    }

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
            if (decision.Admitted)
            {
                local.Take(lease);
            }
            else
            {
                lease.Ended = true;
            }
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
        }
        return decision;
    }

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

    private void Post(LimitEventKind kind, LimitLease lease, long tokens, long money, bool unsure)
    {
        var happened = new LimitEvent(kind, lease, tokens, money, unsure);
        if (happened.Scopes.Length > 0)
        {
            events.Post(happened);
        }
    }
}
