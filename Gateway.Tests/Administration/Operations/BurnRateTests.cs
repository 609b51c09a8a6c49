using Gateway.Web.Administration.Operations;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Administration.Operations;

public class BurnRateTests
{
    private const double Allowed = 0.01;

    private static readonly TimeSpan[] Lengths = [.. BurnRate.Windows.SelectMany(w => new[] { w.Length, w.Recent }).Append(TimeSpan.FromDays(30)).Distinct()];

    // The factors of the workbook for thirty days.
    [Fact]
    public void Limit_OfThirtyDays_IsThatOfTheWorkbook() => BurnRate.Windows.Select(w => Math.Round(BurnRate.Limit(w, 30), 2)).ShouldBe([14.4, 6, 3, 1]);

    [Fact]
    public void Judge_FastBurnThatGoesOn_CallsSomebody() =>
        Judge(l => l <= TimeSpan.FromHours(1) ? new SloCount(1000, 200) : new SloCount(1_000_000, 200)).ShouldBe(SloStatus.Page);

    // The hour was bad, but the last five minutes are well: nobody need be called for it any more.
    [Fact]
    public void Judge_FastBurnThatIsOver_DoesNotCallForIt() =>
        Judge(l => l == TimeSpan.FromHours(1) ? new SloCount(1000, 200) : new SloCount(1_000_000, 200)).ShouldBe(SloStatus.Ok);

    [Fact]
    public void Judge_SlowBurn_IsATicket() =>
        Judge(l => l <= TimeSpan.FromDays(1) ? new SloCount(10_000, 400) : new SloCount(100_000_000, 400)).ShouldBe(SloStatus.Ticket);

    [Fact]
    public void Judge_MoreBadThanAllowed_IsSpent() =>
        Judge(l => l == TimeSpan.FromDays(30) ? new SloCount(10_000, 101) : new SloCount(10_000, 0)).ShouldBe(SloStatus.Spent);

    [Fact]
    public void Judge_AFewCallsThatAllFailed_CallsNobody() => Judge(_ => new SloCount(BurnRate.LeastCalls - 1, BurnRate.LeastCalls - 1)).ShouldBe(SloStatus.FewCalls);

    [Fact]
    public void Judge_WithoutCalls_KnowsNothing()
    {
        (SloStatus status, IReadOnlyList<SloBurn> burn) = BurnRate.Judge(Lengths.ToDictionary(l => l, _ => default(SloCount)), Allowed, 30);
        status.ShouldBe(SloStatus.NoTraffic);
        burn.ShouldAllBe(b => b.Rate == null && !b.Exceeded);
    }

    private static SloStatus Judge(Func<TimeSpan, SloCount> count) => BurnRate.Judge(Lengths.ToDictionary(l => l, count), Allowed, 30).Status;
}
