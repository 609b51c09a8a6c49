using Gateway.Core.Accounting;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Accounting.Estimation;

public sealed class EstimateCalibrationTests
{
    [Fact]
    public void Correct_NothingObserved_LeavesTheEstimate() =>
        new EstimateCalibration().CorrectInput(new InputEstimate(100, false)).ShouldBe(100);

    [Fact]
    public void Correct_AfterSteadyReports_FollowsThem()
    {
        var calibration = new EstimateCalibration();
        for (int i = 0; i < 10; i++)
        {
            calibration.Observe(new InputEstimate(100, false), 120, Output(), Output().Tokens * 2);
        }

        calibration.CorrectInput(new InputEstimate(1_000, false)).ShouldBe(1_200);
        calibration.CorrectOutput(Output()).ShouldBe(Output().Tokens * 2);
    }

    [Fact]
    public void Correct_RequestsWithTools_AreLearntApart()
    {
        var calibration = new EstimateCalibration();
        calibration.Observe(new InputEstimate(100, true), 800, default, 0);

        calibration.CorrectInput(new InputEstimate(100, true)).ShouldBe(800);
        calibration.CorrectInput(new InputEstimate(100, false)).ShouldBe(100);
    }

    [Fact]
    public void Correct_OneOddReport_MovesItLittle()
    {
        var calibration = new EstimateCalibration();
        for (int i = 0; i < 9; i++)
        {
            calibration.Observe(new InputEstimate(100, false), 100, default, 0);
        }
        calibration.Observe(new InputEstimate(100, false), 8_000, default, 0);

        calibration.CorrectInput(new InputEstimate(100, false)).ShouldBe(100);
    }

    [Fact]
    public void WantsObservation_ManyCalls_AsksForTheFirstAndThenForFew()
    {
        var calibration = new EstimateCalibration();

        int wanted = Enumerable.Range(0, 1_650).Count(_ => calibration.WantsObservation);

        wanted.ShouldBeInRange(160, 165);
    }

    private static OutputMeasure Output()
    {
        var measure = default(OutputMeasure);
        measure.Add("The quick brown fox jumps over the lazy dog"u8);
        return measure;
    }
}
