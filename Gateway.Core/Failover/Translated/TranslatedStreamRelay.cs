using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Gateway.Core.Failover.Guarded;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Core.Failover.Translated;

/// <summary>
/// Passes on a stream in the client's wire, event by event. As with bytes: until the first real content everything is held
/// back, so that a stream that fails early can still be tried elsewhere; what says that it is whole waits for the books.
/// </summary>
internal sealed class TranslatedStreamRelay(
    Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response, Translation translation)
{
    private readonly StreamFraming _framing = translation.Upstream.CreateFraming();
    private readonly StreamDecoder _decoder = translation.Upstream.CreateDecoder(translation.Notes);
    private readonly StreamEncoder _encoder = translation.Resumed?.Encoder ?? translation.Client.CreateEncoder(translation.ContextOf(call), translation.Notes);
    private readonly List<StreamEvent> _events = [];
    private ArrayBufferWriter<byte>? _held = translation.Resumed is null ? new(1024) : null;
    // Null where no words are banned.
    private readonly EventGuard? _guard = EventGuard.Of(call, translation.Resumed);
    private bool _ended;

    public async ValueTask<GatewayError?> RunAsync()
    {
        if (translation.Resumed is null && call.IsRecoverable)
        {
            call.Resumable = new ResumableAnswer(_encoder, translation.Request);
        }
        // What was read to see whether this is a stream, or begins, does not wait for what comes next.
        for (bool more = reader.Buffer.Length > 0 || await reader.ReadAsync(); ; more = await reader.ReadAsync())
        {
            if (Process(end: !more) is { } error)
            {
                return error;
            }
            if (_ended || !more)
            {
                return await EndAsync();
            }
            if (EventRoom.Check(call, Math.Max(reader.Buffer.Length, _held?.WrittenCount ?? 0)) is { } noRoom)
            {
                return noRoom;
            }
            if (call.Committed)
            {
                await FlushAsync();
            }
        }
    }

    /// <summary>Sends a whole answer as the stream that the client asked for.</summary>
    public async ValueTask<GatewayError?> ReplayAsync(GenerationResponse answer)
    {
        _events.AddRange(StreamReplay.Of(answer));
        return Emit() ?? await EndAsync();
    }

    private GatewayError? Process(bool end)
    {
        int consumed = 0;
        try
        {
            while (!_ended && _framing.TryRead(reader.Buffer.Span[consumed..], end, out StreamFrame frame))
            {
                if (!frame.Data.IsEmpty)
                {
                    _decoder.Read(frame.EventName, frame.Data, _events);
                }
                consumed += frame.Length;
                if (Emit() is { } error)
                {
                    return error;
                }
            }
            if (end && !_ended)
            {
                _decoder.Complete(_events);
                return Emit();
            }
        }
        catch (Exception e) when (e is JsonException or GenerationFormatException or InvalidOperationException)
        {
            return end ? UpstreamErrors.Broken : UpstreamErrors.Invalid("The upstream's stream held an event that cannot be read.");
        }
        if (consumed > 0)
        {
            reader.Buffer.Consume(consumed);
        }
        return null;
    }

    /// <summary>Writes all events that were read; the one that ends the stream is left for <see cref="EndAsync"/>.</summary>
    private GatewayError? Emit()
    {
        foreach (StreamEvent next in translation.Resumed?.Map(_events) ?? _events)
        {
            switch (next.Kind)
            {
                case StreamEventKind.Error:
                    return UpstreamErrors.OfErrorObject(Encoding.UTF8.GetBytes(next.Json.GetRawText()), attempt.Backend, attempt.Credential);
                case StreamEventKind.End:
                    _ended = true;
                    _guard?.End();
                    break;
                default:
                    Note(next);
                    _guard?.Take(next);
                    break;
            }
            if (_guard is not null)
            {
                Release(_guard);
                if (_guard.Found)
                {
                    _ended = true;
                    break;
                }
            }
            else if (!_ended)
            {
                Send(next);
            }
        }
        _events.Clear();
        return null;
    }

    private void Release(EventGuard guard)
    {
        while (guard.TryTake(out StreamEvent next))
        {
            Send(next);
        }
    }

    private void Send(in StreamEvent next)
    {
        call.Resumable?.Note(next);
        Write(next);
        if (!attempt.Delivered && IsContent(next))
        {
            Deliver();
        }
    }

    private void Write(in StreamEvent next)
    {
        StreamEvent told = next.Kind == StreamEventKind.Usage && translation.Resumed is { } answer ? next with { Usage = answer.UsageForClient(next.Usage) } : next;
        _encoder.Write(told, _held is null ? call.Exchange.Output : _held);
        call.Answer = _encoder.Answer;
    }

    private void Deliver()
    {
        if (translation.Resumed is not { } answer)
        {
            Commit();
            return;
        }
        answer.Keep();
        attempt.NoteContent();
        attempt.Delivered = true;
        call.KeepContinuation();
    }

    private void Note(in StreamEvent next)
    {
        switch (next.Kind)
        {
            case StreamEventKind.Start when next.Name is not null:
                call.NoteModelName(next.Name);
                break;
            case StreamEventKind.Usage:
                call.Report(next.Usage);
                break;
            case StreamEventKind.PartStart when next.PartKind == PartKind.ToolCall:
                call.Output.AddToolCall();
                OutputText.Measure(next.Name, ref call.Output);
                break;
            case StreamEventKind.Delta:
                call.LastContent = reader.ReadAt;
                OutputText.Measure(next.Text, ref call.Output);
                Reservation.KeepUp(call);
                break;
            case StreamEventKind.Finish:
                call.Record.FinishReason = OutputText.NameOf(next.Finish);
                break;
        }
    }

    // What a client waits for; a part that only begins is nothing yet, but a tool's call and an opaque part are.
    public static bool IsContent(in StreamEvent next) => next.Kind switch
    {
        StreamEventKind.Delta or StreamEventKind.Media or StreamEventKind.Finish => true,
        StreamEventKind.PartStart => next.PartKind is PartKind.ToolCall or PartKind.Opaque,
        _ => false,
    };

    private void Commit()
    {
        attempt.NoteContent();
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        call.Commit(_encoder.ContentType, response, streamed: true, lossy: translation.LossyHeader(call));
        call.Exchange.Output.Write(_held!.WrittenSpan);
        call.Record.ResponseBytes += _held.WrittenCount;
        _held = null;
    }

    private async ValueTask FlushAsync()
    {
        call.Record.ResponseBytes += call.Exchange.Output.CanGetUnflushedBytes ? call.Exchange.Output.UnflushedBytes : 0;
        ValueTask<FlushResult> flush = call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        if (!flush.IsCompleted)
        {
            clock.Pause();
        }
        await flush;
        call.Exchange.Aborted.ThrowIfCancellationRequested();
    }

    private async ValueTask<GatewayError?> EndAsync()
    {
        bool cut = _guard is { Found: true };
        if (cut)
        {
            foreach (StreamEvent next in _guard!.Ending())
            {
                Send(next);
            }
            call.CutShort(whole: false);
        }
        if (!call.Committed)
        {
            return UpstreamErrors.Invalid("The upstream's stream ended before any content.");
        }
        if (!_ended)
        {
            return UpstreamErrors.Broken;
        }
        if (cut || !call.OutputReported)
        {
            // The client's wire may promise counts; better the estimate than none.
            Write(new StreamEvent(StreamEventKind.Usage) { Usage = Settlement.UsageOf(call, null) });
        }
        var ending = new ArrayBufferWriter<byte>(512);
        _encoder.Write(new StreamEvent(StreamEventKind.End), ending);
        attempt.Complete(null);
        await AnswerKeeping.KeepAsync(call, translation, ending.WrittenSpan);
        call.Record.ResponseBytes += ending.WrittenCount;
        // The record is safe before the client learns that this was all.
        if (!await call.SettleAsync(call, 200, null))
        {
            return UpstreamErrors.NotRecorded;
        }
        call.Exchange.Output.Write(ending.WrittenSpan);
        await call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        return null;
    }
}
