using Gateway.Core.Catalog;
using Gateway.Core.Limits;
using Gateway.Web.Cluster.Limits;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Cluster.Limits;

/// <summary>What Redis holds for a running call: for as long as it runs, and given back whatever it is.</summary>
public sealed class LeaseTests
{
    // Attempts, waits and a provider's own timeouts add up to more than anybody can say when the call is admitted.
    [Fact]
    public async Task CallThatRunsOnAfterItsDeadline_KeepsItsPlace()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope scope = Some.Scope(tpm: 1000, parallel: 1);
        LimitLease lease = Some.Lease(scope, tokens: 600);
        lease.Deadline = lease.StartedAt;
        (await nodes[0].ReserveAsync(lease)).Admitted.ShouldBeTrue();
        long admitted = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        await Eventually.TrueAsync(() => lease.Deadline > lease.StartedAt);
        await nodes[0].SettledAsync();

        string held = (await nodes.Server.AskAsync("HGET", LimitKeys.OfScope(scope), "l" + lease.Id.ToString("N"))).Text;
        string[] parts = held.Split(' ');
        (parts[0], parts[1]).ShouldBe(("600", "0"));
        long.Parse(parts[3], null).ShouldBeGreaterThan(admitted + 60_000);
        (await nodes[1].ReserveAsync(Some.Lease(Some.Scope(tpm: 1000, parallel: 1)))).Exceeded.ShouldBe(LimitKind.Parallel);
        nodes[0].Limits.Settle(lease, 300, NanoUsd.Zero);
        await nodes[0].SettledAsync();
        nodes[0].Events.Held.Renew(DateTimeOffset.MaxValue.AddDays(-1)).ShouldBeEmpty();
        (await nodes[1].ReserveAsync(Some.Lease(Some.Scope(tpm: 1000, parallel: 1)))).RemainingTokens.ShouldBe(700);
    }

    [Fact]
    public async Task ReservationBelowZero_IsSettledAllTheSame()
    {
        await using Pair nodes = await Pair.StartAsync();
        LimitScope scope = Some.Scope(tpm: 1000, budgets: Some.Budget(1000));
        LimitLease lease = Some.Lease(scope, tokens: -5, money: -7);
        (await nodes[0].ReserveAsync(lease)).Admitted.ShouldBeTrue();

        nodes[0].Limits.Settle(lease, 10, new NanoUsd(20));
        await nodes[0].SettledAsync();

        LimitDecision next = await nodes[1].ReserveAsync(Some.Lease(Some.Scope(tpm: 1000, budgets: Some.Budget(20)), money: 1));
        (next.Exceeded, next.Budget?.State.Spent, next.Budget?.State.Reserved).ShouldBe((LimitKind.Budget, new NanoUsd(20), NanoUsd.Zero));
    }
}
