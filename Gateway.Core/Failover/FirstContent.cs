using System.Text;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Failover.Translated;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>
/// Waits until an answer begins, taking nothing from its buffer: for attempts that run beside each other. A stream begins with
/// its first content; a document with its first byte.
/// </summary>
internal sealed class FirstContent(UpstreamReader reader, Operation operation, Translation? translation, Backend backend, CredentialDefinition? credential)
{
    private readonly StreamFraming _framing = translation?.Upstream.CreateFraming() ?? new SseFraming();
    private readonly StreamDecoder? _decoder = translation?.Upstream.CreateDecoder(new ConversionNotes());
    private readonly List<StreamEvent> _events = [];
    private int _looked;

    /// <summary>Null when it has begun; else why it will not.</summary>
    public async ValueTask<GatewayError?> WaitAsync(bool stream, int mostBytes)
    {
        while (true)
        {
            bool more = await reader.ReadAsync();
            GatewayError? error = null;
            if (stream ? HasBegun(end: !more, out error) : more)
            {
                return null;
            }
            if (error is not null)
            {
                return error;
            }
            if (!more)
            {
                return UpstreamErrors.Invalid("The upstream's answer ended before any content.");
            }
            if (reader.Buffer.Length > mostBytes)
            {
                return EventRoom.TooLarge;
            }
        }
    }

    private bool HasBegun(bool end, out GatewayError? error)
    {
        error = null;
        try
        {
            while (_framing.TryRead(reader.Buffer.Span[_looked..], end, out StreamFrame frame))
            {
                if (!frame.Data.IsEmpty && (_decoder is null ? IsContent(frame, out error) : IsContent(_decoder, frame, out error)))
                {
                    return true;
                }
                _looked += frame.Length;
                if (error is not null)
                {
                    return false;
                }
            }
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException or InvalidOperationException)
        {
            error = UpstreamErrors.Invalid("The upstream's stream held an event that cannot be read.");
        }
        return false;
    }

    private bool IsContent(in StreamFrame frame, out GatewayError? error)
    {
        error = null;
        if (!AnswerReader.TryRead(operation, frame.Data, measure: false, out AnswerFacts facts))
        {
            return false;
        }
        if (facts.Error.Exists)
        {
            error = UpstreamErrors.OfErrorObject(facts.Error.Of(frame.Data), backend, credential);
        }
        return facts.HasContent || facts.FinishReason is not null;
    }

    private bool IsContent(StreamDecoder decoder, in StreamFrame frame, out GatewayError? error)
    {
        error = null;
        _events.Clear();
        decoder.Read(frame.EventName, frame.Data, _events);
        foreach (StreamEvent next in _events)
        {
            if (next.Kind == StreamEventKind.Error)
            {
                error = UpstreamErrors.OfErrorObject(Encoding.UTF8.GetBytes(next.Json.GetRawText()), backend, credential);
            }
            if (TranslatedStreamRelay.IsContent(next))
            {
                return true;
            }
        }
        return false;
    }
}
