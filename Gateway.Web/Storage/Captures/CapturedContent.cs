using System.Buffers;
using System.Text.Json.Serialization;
using Gateway.Core.Accounting;
using Gateway.Core.Capture;
using Gateway.Core.Catalog;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Replay;
using Gateway.Providers;

namespace Gateway.Web.Storage.Captures;

/// <summary>What was said in a call, without its secrets: as it is kept.</summary>
/// <param name="Request">JSON, as a rule.</param>
/// <param name="RequestBytes">Of what the client sent.</param>
/// <param name="RequestCut">Only the beginning is kept.</param>
/// <param name="Answer">JSON, or a stream's events.</param>
/// <param name="AnswerBytes">Of what the client got.</param>
/// <param name="AnswerCut">Only the beginning is kept.</param>
/// <param name="RequestHeaders">Null in what older versions kept.</param>
/// <param name="AnswerHeaders">Null in what older versions kept.</param>
internal sealed record CapturedContent(
    string Request, long RequestBytes, bool RequestCut, string Answer, long AnswerBytes, bool AnswerCut,
    IReadOnlyList<KeyValuePair<string, string>>? RequestHeaders = null, IReadOnlyList<KeyValuePair<string, string>>? AnswerHeaders = null)
{
    /// <summary>Takes the secrets out.</summary>
    public static CapturedContent Of(CapturedCall call) => new(
        Sanitizer.Default.SanitizeBody(call.Request.Kept.Span, call.Request.IsCut),
        call.Request.Length,
        call.Request.IsCut,
        Sanitizer.Default.SanitizeBody(Text(call.Record, call.Answer.Kept.Span), call.Answer.IsCut),
        call.Answer.Length,
        call.Answer.IsCut,
        Sanitizer.Default.MaskHeaders(call.RequestHeaders, CapturedCall.Hidden),
        Sanitizer.Default.MaskHeaders(call.AnswerHeaders, CapturedCall.Hidden));

    /// <summary>Not printed: what people say must not reach a log by way of <c>ToString</c>.</summary>
    public override string ToString() => nameof(CapturedContent);

    // Bedrock's streams are binary on the wire: kept as the events that they are.
    private static ReadOnlySpan<byte> Text(UsageRecord record, ReadOnlySpan<byte> answer)
    {
        if (record is not { Operation: Operation.Converse, Streamed: true, Status: 200 })
        {
            return answer;
        }
        StreamFraming framing = ProviderRegistry.Codecs.First(c => c.Wire == Wire.BedrockConverse).CreateFraming();
        var text = new ArrayBufferWriter<byte>(answer.Length);
        while (framing.TryRead(answer, end: true, out StreamFrame frame) && frame.Length > 0)
        {
            text.Write("event: "u8);
            text.Write(frame.EventName);
            text.Write("\ndata: "u8);
            text.Write(frame.Data);
            text.Write("\n\n"u8);
            answer = answer[frame.Length..];
        }
        return text.WrittenSpan;
    }
}

[JsonSerializable(typeof(CapturedContent))]
internal sealed partial class CapturedContentJson : JsonSerializerContext;
