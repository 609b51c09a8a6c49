using Gateway.Web.Administration;
using Gateway.Web.Components.Pages.Health;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Components;

public sealed class OverNodesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_BackendWithoutNodes_IsThatOfThisNode()
    {
        var all = OverNodes.Of(Here with { State = "failing", Breaker = "open", Successes = 3, Failures = 2, InFlight = 1 });

        (all.IsUnwell, all.Attempts, all.Failures, all.InFlight).ShouldBe((true, 5, 2, 1));
        all.Unlike.ShouldBeEmpty();
    }

    [Fact]
    public void Of_SeveralNodes_AddsThemUpAndNamesThoseWhoseCircuitIsNotClosed()
    {
        var newest = new HealthFailure("upstream_timeout", Noon);
        NodeHealthView one = NodeHealthView.Of(Here with { Successes = 3, InFlight = 1, LastFailure = new HealthFailure("upstream_error", Noon.AddMinutes(-1)) }, "one");
        NodeHealthView two = NodeHealthView.Of(Here with { State = "failing", Breaker = "open", Failures = 5, InFlight = 2, LastFailure = newest }, "two");

        var all = OverNodes.Of(Here with { Nodes = [one, two] });

        (all.IsUnwell, all.Attempts, all.Failures, all.InFlight, all.LastFailure).ShouldBe((true, 8, 5, 3, newest));
        all.Unlike.ShouldHaveSingleItem().Node.ShouldBe("two");
    }

    private static HealthView Here => new() { Backend = "b", Provider = "p", UpstreamModel = "m", State = "ok", Breaker = "closed" };
}
