using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Health;
using Gateway.Core.Relay;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Routing;

public class RoutingPolicyTests
{
    private static IRoutingPolicy Policy(string name)
    {
        RoutingPolicies.TryFind(name, out IRoutingPolicy? policy).ShouldBeTrue();
        return policy!;
    }

    [Theory]
    [InlineData("weighted")]
    [InlineData("least-busy")]
    [InlineData("lowest-latency")]
    [InlineData("cheapest")]
    [InlineData("prefix-affinity")]
    public void Pick_AnyPolicy_TakesTheBetterPriorityFirstAlways(string name)
    {
        Backend[] backends = PolicyFixture.Backends(
            new() { Id = "", Priority = 0 }, new() { Id = "", Priority = 0 }, new() { Id = "", Priority = 1 });
        PolicyFixture.Begin(backends[0], 50);
        PolicyFixture.Begin(backends[1], 50);
        backends[0].State.Duration.Observe(9000, 0);
        backends[1].State.Duration.Observe(9000, 0);

        for (int i = 0; i < 50; i++)
        {
            BackendPicker.Pick(Policy(name), backends, [], PolicyFixture.Context(seed: i))!.Priority.ShouldBe(0);
        }
        BackendPicker.Pick(Policy(name), backends, backends[..2], PolicyFixture.Context())!.ShouldBe(backends[2]);
        BackendPicker.Pick(Policy(name), backends, backends, PolicyFixture.Context()).ShouldBeNull();
    }

    [Fact]
    public void LeastBusy_CountsCallsInFlightByWeight()
    {
        Backend[] backends = PolicyFixture.Backends(new() { Id = "", Weight = 1 }, new() { Id = "", Weight = 4 });
        PolicyFixture.Begin(backends[0], 1);
        PolicyFixture.Begin(backends[1], 3);

        BackendPicker.Pick(Policy("least-busy"), backends, [], PolicyFixture.Context()).ShouldBe(backends[1]);

        PolicyFixture.Begin(backends[1], 2);
        BackendPicker.Pick(Policy("least-busy"), backends, [], PolicyFixture.Context()).ShouldBe(backends[0]);
    }

    [Fact]
    public void LeastBusy_AllIdle_TakesTurns()
    {
        Backend[] backends = PolicyFixture.Alike(3);

        var picks = Enumerable.Range(0, 9).Select(_ => BackendPicker.Pick(Policy("least-busy"), backends, [], PolicyFixture.Context())!.Id).ToList();

        picks.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void LowestLatency_PrefersTheQuickerAndForgetsInTime()
    {
        Backend[] backends = PolicyFixture.Alike(2);
        backends[0].State.Duration.Observe(1000, 0);
        backends[1].State.Duration.Observe(100, 0);

        BackendPicker.Pick(Policy("lowest-latency"), backends, [], PolicyFixture.Context()).ShouldBe(backends[1]);

        // Nothing was heard of the slow one for five minutes, while the quick one answers as ever.
        backends[1].State.Duration.Observe(100, 300_000);
        BackendPicker.Pick(Policy("lowest-latency"), backends, [], PolicyFixture.Context(300_000)).ShouldBe(backends[0]);
    }

    [Fact]
    public void LowestLatency_Unmeasured_IsTriedByOneCallNotByAll()
    {
        Backend[] backends = PolicyFixture.Alike(2);
        backends[0].State.Duration.Observe(100, 0);

        BackendPicker.Pick(Policy("lowest-latency"), backends, [], PolicyFixture.Context()).ShouldBe(backends[1]);

        PolicyFixture.Begin(backends[1], 1);
        BackendPicker.Pick(Policy("lowest-latency"), backends, [], PolicyFixture.Context()).ShouldBe(backends[0]);
    }

    [Fact]
    public void Cheapest_UnknownPriceComesLast()
    {
        Backend[] backends = PolicyFixture.Backends(
            new() { Id = "", UpstreamModel = "nobody-knows" }, new() { Id = "", UpstreamModel = "dear" }, new() { Id = "", UpstreamModel = "cheap" });
        var prices = new PriceTable([Price("dear", 5_000_000_000), Price("cheap", 1_000_000_000)]);
        RoutingContext context = PolicyFixture.Context(prices: prices);

        BackendPicker.Pick(Policy("cheapest"), backends, [], context).ShouldBe(backends[2]);
        BackendPicker.Pick(Policy("cheapest"), backends, [backends[2]], context).ShouldBe(backends[1]);
        BackendPicker.Pick(Policy("cheapest"), backends, [backends[1], backends[2]], context).ShouldBe(backends[0]);
    }

    [Fact]
    public void PrefixAffinity_ConversationGrows_StaysWhereItWas()
    {
        Backend[] backends = PolicyFixture.Alike(5);
        for (int i = 0; i < 30; i++)
        {
            string start = $$"""{"role":"system","content":"be brief"},{"role":"user","content":"question {{i}}"}""";
            RequestEnvelope first = PolicyFixture.Envelope($$"""{"model":"m","messages":[{{start}}]}""");
            RequestEnvelope later = PolicyFixture.Envelope($$"""{"model":"m","messages":[{{start}},{"role":"assistant","content":"yes"},{"role":"user","content":"and?"}]}""");

            Backend? home = BackendPicker.Pick(Policy("prefix-affinity"), backends, [], PolicyFixture.Context(envelope: first));

            BackendPicker.Pick(Policy("prefix-affinity"), backends, [], PolicyFixture.Context(envelope: later)).ShouldBe(home);
        }
    }

    [Fact]
    public void PrefixAffinity_OneBackendLeaves_OnlyItsConversationsMove()
    {
        Backend[] backends = PolicyFixture.Alike(4);
        RequestEnvelope[] conversations = [.. Enumerable.Range(0, 200).Select(i => PolicyFixture.Envelope($$"""{"model":"m","messages":[{"role":"user","content":"q{{i}}"}]}"""))];
        Backend[] before = [.. conversations.Select(e => BackendPicker.Pick(Policy("prefix-affinity"), backends, [], PolicyFixture.Context(envelope: e))!)];

        Backend[] after = [.. conversations.Select(e => BackendPicker.Pick(Policy("prefix-affinity"), backends, [backends[0]], PolicyFixture.Context(envelope: e))!)];

        before.Distinct().Count().ShouldBe(4);
        before.Zip(after).Where(p => p.First != backends[0]).ShouldAllBe(p => p.First == p.Second);
    }

    [Fact]
    public void PrefixAffinity_EverybodyAsksTheSame_NoneGetsMoreThanItsBoundedShare()
    {
        Backend[] backends = PolicyFixture.Alike(4);
        RequestEnvelope same = PolicyFixture.Envelope("""{"model":"m","messages":[{"role":"user","content":"the same"}]}""");

        for (int i = 0; i < 400; i++)
        {
            PolicyFixture.Begin(BackendPicker.Pick(Policy("prefix-affinity"), backends, [], PolicyFixture.Context(envelope: same))!, 1);
        }

        backends.Max(b => b.State.InFlight).ShouldBeLessThanOrEqualTo(125);
    }

    [Fact]
    public void Explain_SaysOfEachWhyNot_AndTakesNone()
    {
        Backend[] backends = PolicyFixture.Backends(
            new() { Id = "", Weight = 3 }, new() { Id = "", Weight = 1 }, new() { Id = "", Draining = true }, new() { Id = "", Priority = 1 });

        IReadOnlyList<BackendVerdict> first = BackendPicker.Explain(RoutingPolicies.Weighted, backends, PolicyFixture.Context());
        IReadOnlyList<BackendVerdict> again = BackendPicker.Explain(RoutingPolicies.Weighted, backends, PolicyFixture.Context());

        first.Select(v => v.Taken).ShouldBe([true, false, false, false]);
        first[0].Why.ShouldContain("weight 3 of 4");
        first[2].Why.ShouldContain("drained");
        first[3].Why.ShouldContain("a better priority serves");
        again.Select(v => v.Why).ShouldBe(first.Select(v => v.Why));
        BackendPicker.Pick(RoutingPolicies.Weighted, backends, [], PolicyFixture.Context()).ShouldBe(backends[0]);
    }

    [Fact]
    public void Pick_CircuitOpenOrFullOrDraining_IsPassedOver()
    {
        Backend[] backends = PolicyFixture.Backends(
            new() { Id = "" }, new() { Id = "", MaxConcurrency = 1 }, new() { Id = "", Draining = true }, new() { Id = "" });
        for (int i = 0; i < 5; i++)
        {
            backends[0].State.Breaker.TryEnter(0, out BreakerTicket ticket);
            backends[0].State.Breaker.Report(ticket, CallOutcome.Failed, 0, BreakerSettings.Default);
        }
        PolicyFixture.Begin(backends[1], 1);

        for (int i = 0; i < 8; i++)
        {
            BackendPicker.Pick(RoutingPolicies.Weighted, backends, [], PolicyFixture.Context(100)).ShouldBe(backends[3]);
        }
    }

    private static ModelPrice Price(string model, long nanoUsd) => new()
    {
        Model = model,
        InputPerMillion = new NanoUsd(nanoUsd),
        OutputPerMillion = new NanoUsd(nanoUsd),
        Version = "test:" + model,
    };
}
