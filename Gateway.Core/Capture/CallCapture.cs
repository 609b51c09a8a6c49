using Gateway.Core.Accounting;
using Gateway.Core.Catalog;

namespace Gateway.Core.Capture;

/// <summary>One call's content on its way to where it is kept. Holds room in the sink until <see cref="End"/>.</summary>
internal sealed class CallCapture
{
    private readonly ICaptureSink _sink;
    private readonly CaptureOrder _order;
    private readonly GatewayExchange _exchange;
    private readonly CapturingWriter _answer;
    private readonly CapturedBytes _request;

    private CallCapture(ICaptureSink sink, CaptureOrder order, GatewayExchange exchange, ReadOnlyMemory<byte> request)
    {
        (_sink, _order, _exchange) = (sink, order, exchange);
        // A copy: the buffer is another request's as soon as this one is over.
        _request = new CapturedBytes(request[..Math.Min(request.Length, CapturedCall.MostBytes)].ToArray(), request.Length);
        _answer = exchange.Tap();
    }

    /// <summary>Begins to keep a call of a key that is to be captured; null when this one is not, of which the trace says why.</summary>
    public static CallCapture? Begin(ICaptureSink sink, CaptureOrder order, GatewayExchange exchange, ReadOnlyMemory<byte> request, UsageRecord record)
    {
        if (!exchange.Operation.CanBeCaptured() || !order.TryTake(record.StartedAt))
        {
            return null;
        }
        record.Trace!.Captured = sink.TryReserve();
        if (record.Trace.Captured is false)
        {
            order.GiveBack();
            return null;
        }
        return new CallCapture(sink, order, exchange, request);
    }

    /// <summary>The call is over.</summary>
    public void End(UsageRecord record) => _sink.Post(new CapturedCall(record, _order, _request, _answer.Captured)
    {
        RequestHeaders = WithoutKey(_exchange.ClientHeaders),
        AnswerHeaders = WithoutKey(_exchange.AnswerHeaders),
    });

    // Wherever the client sent its key: a key of somebody else's making is known by nothing but itself.
    private KeyValuePair<string, string>[] WithoutKey(IReadOnlyList<KeyValuePair<string, string>> headers) => _exchange.PresentedKey?.Text is { } key
        ? [.. headers.Select(h => h.Value.Contains(key, StringComparison.Ordinal) ? KeyValuePair.Create(h.Key, CapturedCall.Hidden) : h)]
        : [.. headers];
}
