using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers;

namespace Gateway.Web.Administration.Transcoding;

/// <summary>Streams as the text that people copy. Bedrock's are binary on the wire: they are shown event by event, and cannot be pasted.</summary>
internal static class StreamText
{
    /// <summary>What is wrong with a stream, and where; null if it is whole.</summary>
    public static string? Fault(Wire from, ReadOnlySpan<byte> text)
    {
        if (from == Wire.BedrockConverse)
        {
            return "Bedrock's streams are binary and cannot be pasted; take a stream of another wire.";
        }
        IGenerationCodec codec = CodecOf(from);
        StreamFraming framing = codec.CreateFraming();
        StreamDecoder decoder = codec.CreateDecoder(new ConversionNotes());
        List<StreamEvent> events = [];
        int at = 0;
        try
        {
            while (framing.TryRead(text[at..], end: true, out StreamFrame frame))
            {
                if (!frame.Data.IsEmpty)
                {
                    decoder.Read(frame.EventName, frame.Data, events);
                }
                at += frame.Length;
            }
            decoder.Complete(events);
        }
        catch (Exception e) when (e is GenerationFormatException or JsonException or InvalidOperationException)
        {
            string what = e is JsonException ? "The event's data is not valid JSON." : e.Message;
            return $"{what} (the event at {JsonPlace.At(text, at)})";
        }
        return events.Count == 0 ? "There is no event in it: every event begins with \"data:\" (or \"event:\") and ends with an empty line."
            : events.TrueForAll(e => e.Kind is not (StreamEventKind.End or StreamEventKind.Error)) ? "The stream has no end: its last event is missing, so it broke off."
            : null;
    }

    /// <summary>A whole stream in another wire.</summary>
    public static ConversionReport<string> Convert(Wire from, Wire to, ReadOnlySpan<byte> text)
    {
        if (from == to)
        {
            return new ConversionNotes().Report(Encoding.UTF8.GetString(text));
        }
        var request = new GenerationRequest { Model = "model", Messages = [], Stream = true, IncludeUsage = true };
        var context = new ResponseContext { Model = request.Model, CallId = Guid.CreateVersion7(), Now = DateTimeOffset.UnixEpoch, Request = request, Origin = from };
        StreamTranscoder transcoder = Transcoder.Stream(from, to, context);
        var output = new ArrayBufferWriter<byte>(text.Length + 1024);
        transcoder.Write(text, output);
        transcoder.Complete(output);
        ConversionReport<bool> report = transcoder.Report;
        string written = to == Wire.BedrockConverse ? Unframed(to, output.WrittenSpan) : Encoding.UTF8.GetString(output.WrittenSpan);
        if (transcoder.Error.ValueKind != JsonValueKind.Undefined)
        {
            written += $"(the stream ends with an error: {transcoder.Error.GetRawText()})";
        }
        return new ConversionReport<string>(written, report.Bridged, report.Lossy, report.Reasons);
    }

    private static string Unframed(Wire wire, ReadOnlySpan<byte> bytes)
    {
        StreamFraming framing = CodecOf(wire).CreateFraming();
        var text = new StringBuilder();
        while (framing.TryRead(bytes, end: true, out StreamFrame frame))
        {
            text.Append(Encoding.UTF8.GetString(frame.EventName)).Append(": ").Append(Encoding.UTF8.GetString(frame.Data)).Append('\n');
            bytes = bytes[frame.Length..];
        }
        return text.ToString();
    }

    private static IGenerationCodec CodecOf(Wire wire) => ProviderRegistry.Codecs.First(c => c.Wire == wire);
}
