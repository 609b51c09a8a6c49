using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Relay;
using Shouldly;
using Xunit;

namespace Gateway.Tests.Corpus;

/// <summary>
/// Each recorded call with reported usage is estimated as if it had reported none, by a calibration that has seen all other
/// calls of its model and never this one.
/// </summary>
public sealed class CorpusEstimateTests(ITestOutputHelper output)
{
    private sealed record Sample(string Model, InputEstimate Input, long ReportedInput, OutputMeasure Output, long ReportedOutput);

    [Fact]
    public void Estimate_AfterCalibrationOnTheOtherCalls_IsWithinTenPercentAtTheMedian()
    {
        List<Sample> samples = [.. Samples()];
        var inputErrors = new List<double>();
        var outputErrors = new List<double>();
        var rawInput = new List<double>();
        var rawOutput = new List<double>();
        foreach (Sample sample in samples)
        {
            var calibration = new EstimateCalibration();
            foreach (Sample other in samples.Where(s => s.Model == sample.Model && s != sample))
            {
                calibration.Observe(other.Input, other.ReportedInput, other.Output, other.ReportedOutput);
            }
            Add(inputErrors, calibration.CorrectInput(sample.Input), sample.ReportedInput);
            Add(outputErrors, calibration.CorrectOutput(sample.Output), sample.ReportedOutput);
            Add(rawInput, sample.Input.Tokens, sample.ReportedInput);
            Add(rawOutput, sample.Output.Tokens, sample.ReportedOutput);
        }
        output.WriteLine(
            $"{samples.Count} calls. Median error: input {Median(rawInput):P1} raw, {Median(inputErrors):P1} calibrated; "
            + $"output {Median(rawOutput):P1} raw, {Median(outputErrors):P1} calibrated ({outputErrors.Count} with output)");

        Median(inputErrors).ShouldBeLessThanOrEqualTo(0.10);
        Median(outputErrors).ShouldBeLessThanOrEqualTo(0.10);
        Median([.. inputErrors, .. outputErrors]).ShouldBeLessThanOrEqualTo(0.10);
    }

    private static IEnumerable<Sample> Samples()
    {
        foreach ((string wire, Operation operation) in new[]
        {
            ("openai.chat", Operation.ChatCompletions), ("openai.completions", Operation.Completions), ("openai.embeddings", Operation.Embeddings),
        })
        {
            foreach (RecordedExchange exchange in RecordedExchange.Read(wire).Where(e => e.Status < 400 && e.Request is not null))
            {
                if (ReportedUsage(exchange) is not { } usage)
                {
                    continue;
                }
                yield return new Sample(
                    exchange.Model ?? exchange.Host,
                    TokenEstimator.EstimateInput(operation, Encoding.UTF8.GetBytes(exchange.Request!)),
                    usage.Input,
                    Output(exchange, operation),
                    usage.Output);
            }
        }
    }

    private static OutputMeasure Output(RecordedExchange exchange, Operation operation)
    {
        if (!exchange.Stream)
        {
            return TokenEstimator.MeasureOutput(operation, exchange.Response);
        }
        var measure = default(OutputMeasure);
        foreach (JsonElement chunk in exchange.Answers())
        {
            AnswerReader.TryRead(Encoding.UTF8.GetBytes(chunk.GetRawText()), measure: true, out AnswerFacts facts, measure);
            measure = facts.Text;
        }
        return measure;
    }

    private static (long Input, long Output)? ReportedUsage(RecordedExchange exchange)
    {
        (long, long)? found = null;
        foreach (JsonElement answer in exchange.Answers())
        {
            if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                long input = Number(usage, "prompt_tokens") is > 0 and var prompt ? prompt : Number(usage, "total_tokens");
                found = (input, Number(usage, "completion_tokens"));
            }
        }
        return found;
    }

    private static long Number(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    private static void Add(List<double> errors, long estimate, long reported)
    {
        if (reported > 0)
        {
            errors.Add(Math.Abs(estimate - reported) / (double)reported);
        }
    }

    private static double Median(List<double> errors) => errors.Order().ElementAt(errors.Count / 2);
}
