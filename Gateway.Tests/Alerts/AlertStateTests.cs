using Gateway.Web.Alerts;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Alerts;

public class AlertStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly AlertMetric Errors = AlertMetric.Find(AlertMetric.ErrorRate)!;

    private static readonly AlertRule Rule = new() { Metric = AlertMetric.ErrorRate, Scope = "gateway", Threshold = 10, ForSeconds = 60, RepeatMinutes = 5 };

    [Fact]
    public void After_BeyondForLongEnough_FiresOnce()
    {
        Run(Rule, Errors, 12, 12, 12, 12, 12, 12, 12).ShouldBe("....F..");
    }

    [Fact]
    public void After_BeyondForTooShort_SaysNothing() => Run(Rule, Errors, 12, 12, 5, 12, 12, 12, 5).ShouldBe(".......");

    // A value that wavers about the threshold neither resolves nor fires again and again.
    [Fact]
    public void After_WaveringAboutTheThreshold_StaysAsItIs() =>
        Run(Rule with { ForSeconds = 0 }, Errors, 12, 9.5, 11, 9.2, 10, 9.9).ShouldBe("F.....");

    [Fact]
    public void After_ClearForLongEnough_Resolves() => Run(Rule, Errors, 12, 12, 12, 12, 12, 1, 1, 1, 1, 1, 1).ShouldBe("....F....R.");

    [Fact]
    public void After_ClearInBetween_BeginsToWaitAnew() => Run(Rule, Errors, 12, 12, 12, 12, 12, 1, 1, 12, 1, 1, 1, 1, 1).ShouldBe("....F.......R");

    [Fact]
    public void After_NothingKnown_CountsAsClear() => Run(Rule with { ForSeconds = 0 }, Errors, 12, null).ShouldBe("FR");

    [Fact]
    public void After_StillFiring_IsToldAgainByItsInterval() =>
        Run(Rule with { ForSeconds = 0, RepeatMinutes = 1 }, Errors, 12, 12, 12, 12, 12, 12, 12, 12, 12).ShouldBe("F...P...P");

    [Fact]
    public void After_ToldOnceOnly_IsNotToldAgain() => Run(Rule with { ForSeconds = 0, RepeatMinutes = 0 }, Errors, [.. Enumerable.Repeat<double?>(12, 50)]).TrimEnd('.').ShouldBe("F");

    [Fact]
    public void After_TooFew_FiresBelow()
    {
        AlertRule rule = Rule with { Metric = AlertMetric.Requests, Threshold = 1, ForSeconds = 0 };
        Run(rule, AlertMetric.Find(AlertMetric.Requests)!, 3, 0, 0, 1).ShouldBe(".F.R");
    }

    [Fact]
    public void After_SwitchedOffWhileFiring_IsOver()
    {
        (AlertState state, AlertNews news) = new AlertState(AlertPhase.Firing, Start).After(Rule with { Active = false }, Errors, null, "", Start);
        (state.Phase, news).ShouldBe((AlertPhase.Quiet, AlertNews.Resolved));
    }

    /// <summary>A look every 15 seconds; F fired, P told again, R over.</summary>
    private static string Run(AlertRule rule, AlertMetric metric, params double?[] values)
    {
        var state = new AlertState(AlertPhase.Quiet, Start);
        string told = "";
        for (int i = 0; i < values.Length; i++)
        {
            (state, AlertNews news) = state.After(rule, metric, values[i], "", Start.AddSeconds(15 * i));
            told += news switch { AlertNews.Fired => 'F', AlertNews.Repeated => 'P', AlertNews.Resolved => 'R', _ => '.' };
        }
        return told;
    }
}
