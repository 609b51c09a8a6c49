using System.Buffers;
using System.Globalization;
using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>Answers a request to count tokens where no upstream of the model can: with an estimate, marked as one.</summary>
internal static class CountEstimate
{
    public static async ValueTask<GatewayError?> AnswerAsync(Call call)
    {
        Operation operation = call.Envelope.Operation;
        InputEstimate estimate = TokenEstimator.EstimateInput(operation, call.Envelope.Body.Span);
        long tokens = call.Plan.Model?.State.Calibration.CorrectInput(estimate) ?? estimate.Tokens;
        string before = operation switch
        {
            Operation.MessagesCountTokens => "\"input_tokens\"",
            Operation.ResponsesInputTokens => "\"object\":\"response.input_tokens\",\"input_tokens\"",
            _ => "\"totalTokens\"",
        };
        byte[] body = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{{before}:{tokens}}}"));
        call.Record.ResponseBytes = body.Length;
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        if (!await call.SettleAsync(call, 200, null))
        {
            return UpstreamErrors.NotRecorded;
        }
        call.Commit("application/json", upstream: null, streamed: false, body.Length);
        call.Exchange.Output.Write(body);
        await call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        return null;
    }
}
