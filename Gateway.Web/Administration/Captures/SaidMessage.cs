using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Replay;
using Gateway.Providers;

namespace Gateway.Web.Administration.Captures;

/// <summary>One message of a call, whichever wire it was said on.</summary>
/// <param name="IsAnswer">It is the model's answer to this call, not part of what was asked.</param>
public sealed record SaidMessage(Role Role, IReadOnlyList<Part> Parts, bool IsAnswer = false)
{
    /// <summary>
    /// The conversation of a call, in order, the answer last. What is not generated text, or cannot be read as its wire has it,
    /// gives nothing: its raw form says all there is.
    /// </summary>
    public static IReadOnlyList<SaidMessage> Of(UsageRecord call, CapturedCallView content) =>
        CodecOf(call) is { } codec ? [.. Asked(codec, call, content.Request), .. Answered(codec, call, content.Answer)] : [];

    /// <summary>The exchange as a fixture that the playground asks again; null where that is not generated text.</summary>
    public static ReplayFixture? Fixture(UsageRecord call, CapturedCallView content)
    {
        JsonElement request = JsonFields.TryParse(content.Request);
        if (CodecOf(call) is not { } codec || content.RequestCut || request.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        JsonElement answer = JsonFields.TryParse(content.Answer);
        return Sanitizer.Default.Record(
            $"Request {call.RequestId}",
            new TransportRequest(call.Method, call.Path, [], TransportBody.OfJson(request)),
            new TransportResponse(call.Status, [], answer.ValueKind == JsonValueKind.Object ? TransportBody.OfJson(answer)
                : codec.Wire == Wire.BedrockConverse ? TransportBody.Empty
                : TransportBody.OfText(content.Answer)));
    }

    private static IGenerationCodec? CodecOf(UsageRecord call) =>
        call.Operation.GenerationWire() is { } wire ? ProviderRegistry.Codecs.First(c => c.Wire == wire) : null;

    private static List<SaidMessage> Asked(IGenerationCodec codec, UsageRecord call, string json)
    {
        try
        {
            GenerationRequest request = codec.ReadRequest(
                JsonFields.Parse(Encoding.UTF8.GetBytes(json)), new RequestLine(call.RequestedModel ?? "", call.Streamed), new ConversionNotes());
            return
            [
                .. request.Instructions.Count > 0 ? (SaidMessage[])[new SaidMessage(Role.System, request.Instructions)] : [],
                .. request.Messages.Select(m => new SaidMessage(m.Role, m.Parts)),
            ];
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException or InvalidOperationException)
        {
            return [];
        }
    }

    private static List<SaidMessage> Answered(IGenerationCodec codec, UsageRecord call, string text)
    {
        try
        {
            GenerationResponse response = call.Streamed && call.Status == 200
                ? Collect(codec, Encoding.UTF8.GetBytes(text))
                : codec.ReadResponse(JsonFields.Parse(Encoding.UTF8.GetBytes(text)), new ConversionNotes());
            return [.. response.Candidates.Where(c => c.Parts.Count > 0).Select(c => new SaidMessage(Role.Assistant, c.Parts, IsAnswer: true))];
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>As far as it goes: one that broke off, or was cut, has said something, too.</summary>
    private static GenerationResponse Collect(IGenerationCodec codec, ReadOnlySpan<byte> stream)
    {
        // Bedrock's are kept as the events that they are.
        StreamFraming framing = codec.Wire == Wire.BedrockConverse ? new SseFraming() : codec.CreateFraming();
        StreamDecoder decoder = codec.CreateDecoder(new ConversionNotes());
        var collector = new StreamCollector(codec.Wire);
        List<StreamEvent> events = [];
        try
        {
            while (framing.TryRead(stream, end: true, out StreamFrame frame))
            {
                if (!frame.Data.IsEmpty)
                {
                    decoder.Read(frame.EventName, frame.Data, events);
                }
                stream = stream[frame.Length..];
            }
            decoder.Complete(events);
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException or InvalidOperationException)
        {
            // What was said before stands.
        }
        events.ForEach(e => collector.Add(e));
        return collector.ToResponse();
    }
}
