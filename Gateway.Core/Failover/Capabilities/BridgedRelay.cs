using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Capabilities;
using Gateway.Core.Generation;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Reads a backend's answer in its own shape and sends it in the client's.</summary>
internal static class BridgedRelay
{
    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, UpstreamReader reader, HttpResponseMessage response, CapabilityBridge bridge)
    {
        if (await WholeBody.ReadAsync(call, reader, response) is { } tooLarge)
        {
            return tooLarge;
        }
        if (!CapabilityReader.TryRead(reader.Buffer.Span, out CapabilityFacts facts))
        {
            return UpstreamErrors.Invalid("The upstream's answer was not a JSON object.");
        }
        if (facts.Error.Exists)
        {
            return UpstreamErrors.OfErrorObject(facts.Error.Of(reader.Buffer.Span), attempt.Backend, attempt.Credential);
        }
        CapabilityAccounts.Book(call, facts);
        CapabilityContent content;
        try
        {
            content = bridge.Answer(call, JsonFields.Parse(reader.Buffer.Span), () => Estimate(call));
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException or InvalidOperationException or FormatException)
        {
            return UpstreamErrors.Invalid(e is GenerationFormatException ? "The upstream's answer holds no result: " + e.Message : "The upstream's answer was not what it should be.");
        }
        if (content.Usage.Source == UsageSource.Reported)
        {
            call.Report(content.Usage);
        }
        attempt.Complete(null);
        return await WholeBody.WriteAsync(call, content.Body, response, CapabilityTranslator.LossyHeader(call, bridge), content.ContentType);
    }

    private static Usage Estimate(Call call)
    {
        InputEstimate estimate = TokenEstimator.EstimateInput(call.Envelope.Operation, call.Envelope.Body.Span);
        return new Usage(UsageSource.Estimated, call.Plan.Model?.State.Calibration.CorrectInput(estimate) ?? estimate.Tokens, 0, 0, 0, 0);
    }
}
