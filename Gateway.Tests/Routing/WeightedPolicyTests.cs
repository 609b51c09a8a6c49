using Gateway.Core.Catalog;
using Gateway.Core.Routing;
using Gateway.Core.Routing.Policies;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Routing;

public class WeightedPolicyTests
{
    [Fact]
    public void Pick_WeightsFiveOneOne_SpreadsAsNginxDoes()
    {
        Backend[] backends = Backends((5, 0), (1, 0), (1, 0));

        string order = string.Concat(Enumerable.Range(0, 14).Select(_ => Pick(backends)!.Id));

        order.ShouldBe("aabacaaaabacaa");
    }

    [Fact]
    public void Pick_LowerPriority_OnlyWhenAllHigherAreOut()
    {
        Backend[] backends = Backends((1, 0), (9, 1));

        Pick(backends)!.Id.ShouldBe("a");
        Pick(backends, backends[0])!.Id.ShouldBe("b");
        Pick(backends, backends).ShouldBeNull();
    }

    [Fact]
    public void Pick_InParallel_KeepsTheShares()
    {
        Backend[] backends = Backends((3, 0), (1, 0));
        int first = 0;

        Parallel.For(0, 4000, _ =>
        {
            if (Pick(backends)!.Id == "a")
            {
                Interlocked.Increment(ref first);
            }
        });

        first.ShouldBe(3000);
    }

    [Fact]
    public void Pick_ListsThatShareBackendsInAnotherOrder_LosesNoTurn()
    {
        Backend[] backends = Backends((3, 0), (1, 0), (2, 0));
        Backend[] reversed = [backends[2], backends[1], backends[0]];

        Parallel.For(0, 400_000, i => Pick((i & 1) == 0 ? backends : reversed));

        backends.Sum(b => b.State.CurrentWeight).ShouldBe(0);
    }

    private static Backend? Pick(Backend[] backends, params Backend[] tried) =>
        BackendPicker.Pick(RoutingPolicies.Weighted, backends, tried, PolicyFixture.Context());

    private static Backend[] Backends(params (int Weight, int Priority)[] all)
    {
        var definition = new CatalogDefinition
        {
            Providers = [new ProviderDefinition { Id = "p", Name = "p", Kind = ProviderKind.Simulated }],
            Models =
            [
                new ModelDefinition
                {
                    Id = "m",
                    Name = "m",
                    Backends = [.. all.Select((b, i) => new BackendDefinition { Id = ((char)('a' + i)).ToString(), Provider = "p", Weight = b.Weight, Priority = b.Priority })],
                },
            ],
        };
        CatalogSnapshot.Build(definition, CatalogSnapshot.Empty, out CatalogSnapshot? snapshot).ShouldBeEmpty();
        return snapshot!.FindModel("m")!.Backends;
    }
}
