using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Failover.Guarded;
using Gateway.Core.Generation;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>
/// Passes on a stream event by event. Until the first real content everything is held back, so that a stream that fails
/// early can still be tried elsewhere; from then on each read of the upstream is one flush to the client. Where words are banned,
/// an event also waits while its text may be the beginning of one.
/// </summary>
internal sealed class StreamRelay(Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response)
{
    // The client did not ask for the usage chunk, so it does not get it.
    private readonly bool _dropUsage = !call.Envelope.UsageChunkWanted && call.Envelope.Operation is Operation.ChatCompletions or Operation.Completions;
    // Nor the counts in every chunk, which clients add up.
    private readonly bool _countsContinuously = attempt.Backend.Provider.Profile is { CountsContinuously: true };
    private readonly Operation _operation = call.Envelope.Operation;

    private SseFramer _framer;
    private PooledBuffer _held;
    private PooledBuffer _tail;
    private readonly bool _asArray = call.Exchange.WantsArray;
    // Null where no words are banned, which is all that this costs then.
    private readonly FrameGuard? _guard = FrameGuard.Of(call);
    private bool _guarding;
    private bool _ending;
    private bool _finished;
    private ulong _open;
    private ulong _closed;
    private bool _any;
    private bool _first = true;

    public async ValueTask<GatewayError?> RunAsync()
    {
        try
        {
            // Whoever looked whether this is a stream, or begins, has read its beginning: that does not wait for what comes next.
            for (bool more = reader.Buffer.Length > 0 || await reader.ReadAsync(); ; more = await reader.ReadAsync())
            {
                if (Process(end: !more) is { } error)
                {
                    return error;
                }
                if (_guard is { Found: true })
                {
                    return await CutAsync(_guard);
                }
                if (_ending || !more)
                {
                    return await EndAsync(more);
                }
                if (EventRoom.Check(call, Math.Max(reader.Buffer.Length, Math.Max(_held.Length, _guard?.Held ?? 0))) is { } noRoom)
                {
                    return noRoom;
                }
                if (call.Committed)
                {
                    await FlushAsync();
                }
            }
        }
        finally
        {
            _held.Dispose();
            _tail.Dispose();
            _guard?.Dispose();
        }
    }

    private async ValueTask FlushAsync()
    {
        ValueTask<FlushResult> flush = call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        if (!flush.IsCompleted)
        {
            clock.Pause();
        }
        await flush;
        call.Exchange.Aborted.ThrowIfCancellationRequested();
    }

    /// <summary>Takes all whole events from the buffer.</summary>
    private GatewayError? Process(bool end)
    {
        ref PooledBuffer buffer = ref reader.Buffer;
        int consumed = 0;
        GatewayError? error = null;
        while (error is null && _guard is not { Found: true } && _framer.TryRead(buffer.Span[consumed..], end, out SseFrame frame))
        {
            error = Take(frame, end);
            consumed += frame.Whole.Length;
        }
        if (consumed > 0)
        {
            buffer.Consume(consumed);
        }
        if (end && error is null && _guard is not null)
        {
            _guard.End();
            Release(_guard);
        }
        return error;
    }

    private GatewayError? Take(in SseFrame frame, bool end)
    {
        if (!frame.HasData)
        {
            if (!_asArray)
            {
                Emit(frame.Whole);
            }
            return null;
        }
        if (frame.Data.SequenceEqual("[DONE]"u8))
        {
            if (_guard is not null)
            {
                _guard.End();
                Release(_guard);
                if (_guard.Found)
                {
                    return null;
                }
            }
            _ending = true;
            Emit(frame.Whole);
            return null;
        }
        if (_ending)
        {
            // No client reads on, and the answer is whole: what is wrong with this is nobody's failure.
            return null;
        }
        if (!AnswerReader.TryRead(_operation, frame.Data, measure: true, out AnswerFacts facts, call.Output, call.Reported))
        {
            // At the end it is an event that was cut off.
            return end ? UpstreamErrors.Broken : UpstreamErrors.Invalid("The upstream's stream held an event that is not JSON.");
        }
        if (facts.Error.Exists || frame.EventName.SequenceEqual("error"u8))
        {
            return UpstreamErrors.OfErrorObject(facts.Error.Exists ? facts.Error.Of(frame.Data) : frame.Data, attempt.Backend, attempt.Credential);
        }
        _any = true;
        _ending |= facts.IsEnd;
        call.NoteModel(facts.Model.Of(frame.Data));
        call.NoteId(facts.Id.Of(frame.Data));
        call.IsMadeLater |= facts.IsBackground;
        call.Output = facts.Text;
        if (facts.Number is { } number)
        {
            call.Answer = (call.Answer.Id, number + 1);
        }
        if (facts.HasUsage)
        {
            call.Report(facts.Usage);
        }
        if (facts.HasContent)
        {
            call.LastContent = reader.ReadAt;
        }
        Reservation.KeepUp(call);
        if (facts.FinishReason is not null)
        {
            call.Record.FinishReason = facts.FinishReason;
            _finished = true;
        }
        (_open, _closed) = (_open | facts.Choices, _closed | facts.Finished);
        if (_guard is not null)
        {
            return TakeGuarded(_guard, frame, facts);
        }
        if (!(_dropUsage && facts.IsUsageChunk))
        {
            EmitChunk(frame, facts);
        }
        if (!call.Committed && (facts.HasContent || facts.FinishReason is not null))
        {
            Commit();
        }
        return null;
    }

    /// <summary>Lets go what is no part of a banned word, in its order, and keeps the rest.</summary>
    private GatewayError? TakeGuarded(FrameGuard guard, in SseFrame frame, in AnswerFacts facts)
    {
        JsonElement json;
        try
        {
            json = JsonFields.Parse(frame.Data);
        }
        catch (JsonException)
        {
            return UpstreamErrors.Invalid("The upstream's stream held an event that is not valid UTF-8.");
        }
        guard.Read(json);
        if (facts.IsEnd)
        {
            guard.End();
        }
        if (!(_dropUsage && facts.IsUsageChunk))
        {
            _guarding = true;
            EmitChunk(frame, facts);
            _guarding = false;
            guard.Close(json, facts.HasContent || facts.FinishReason is not null);
        }
        Release(guard);
        return null;
    }

    private void Release(FrameGuard guard)
    {
        while (guard.TryPeek(out ReadOnlySpan<byte> bytes))
        {
            Emit(bytes);
            if (guard.Pass() && !call.Committed)
            {
                Commit();
            }
        }
    }

    private void EmitChunk(in SseFrame frame, in AnswerFacts facts)
    {
        Slice dropped = !_dropUsage ? default
            : facts.NullUsage.Exists ? facts.NullUsage
            : _countsContinuously ? facts.CountedUsage : default;
        if (frame.DataStart < 0)
        {
            EmitJoined(frame, facts.Model);
            return;
        }
        // At most two edits, in whichever order they stand.
        Slice model = facts.Model;
        ReadOnlySpan<byte> alias = call.Envelope.ModelJson.Span;
        ReadOnlySpan<byte> data = frame.Data;
        Emit(_asArray ? (_first ? "["u8 : ",\r\n"u8) : frame.Whole[..frame.DataStart]);
        _first = false;
        int position = 0;
        if (dropped.Exists && (!model.Exists || dropped.Start < model.Start))
        {
            Emit(data[..dropped.Start]);
            position = dropped.End;
        }
        if (model.Exists)
        {
            Emit(data[position..model.Start]);
            Emit(alias);
            position = model.End;
        }
        if (dropped.Exists && position <= dropped.Start)
        {
            Emit(data[position..dropped.Start]);
            position = dropped.End;
        }
        Emit(_asArray ? data[position..] : frame.Whole[(frame.DataStart + position)..]);
    }

    // An event of several data lines goes on as one of a single line; between JSON tokens a line end is as good as a space.
    private void EmitJoined(in SseFrame frame, Slice model)
    {
        byte[] data = frame.Data.ToArray();
        data.AsSpan().Replace((byte)'\n', (byte)' ');
        data.AsSpan().Replace((byte)'\r', (byte)' ');
        if (!frame.EventName.IsEmpty && !_asArray)
        {
            Emit("event: "u8);
            Emit(frame.EventName);
            Emit("\n"u8);
        }
        Emit(!_asArray ? "data: "u8 : _first ? "["u8 : ",\r\n"u8);
        _first = false;
        Emit(data.AsSpan(0, model.Start));
        Emit(model.Exists ? call.Envelope.ModelJson.Span : default);
        Emit(data.AsSpan(model.End));
        Emit(_asArray ? default : "\n\n"u8);
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        if (_guarding)
        {
            _guard!.Write(bytes);
        }
        // What says that this was all waits until the call is in the books.
        else if (_ending)
        {
            Keep(bytes, ref _tail);
        }
        else if (call.Committed)
        {
            call.Exchange.Output.Write(bytes);
            call.Record.ResponseBytes += bytes.Length;
        }
        else
        {
            Keep(bytes, ref _held);
        }
    }

    private static void Keep(ReadOnlySpan<byte> bytes, ref PooledBuffer buffer)
    {
        bytes.CopyTo(buffer.GetRoom(bytes.Length).Span);
        buffer.Filled(bytes.Length);
    }

    private void Commit()
    {
        attempt.NoteContent();
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        call.Commit(_asArray ? "application/json" : "text/event-stream; charset=utf-8", response, streamed: true);
        call.Exchange.Output.Write(_held.Span);
        call.Record.ResponseBytes += _held.Length;
        _held.Dispose();
    }

    /// <summary>Ends the stream before a banned word, in the wire's own way of saying why.</summary>
    private async ValueTask<GatewayError?> CutAsync(FrameGuard guard)
    {
        if (!call.Committed)
        {
            Commit();
        }
        call.CutShort(whole: false);
        attempt.Complete(null);
        var ending = new ArrayBufferWriter<byte>(512);
        guard.WriteEnding(ending, Settlement.UsageOf(call, null));
        call.Record.ResponseBytes += _tail.Length + ending.WrittenCount;
        if (!await call.SettleAsync(call, 200, null))
        {
            return UpstreamErrors.NotRecorded;
        }
        call.Exchange.Output.Write(_tail.Span);
        call.Exchange.Output.Write(ending.WrittenSpan);
        await FlushAsync();
        return null;
    }

    /// <param name="more">The upstream has not closed the stream yet.</param>
    private async ValueTask<GatewayError?> EndAsync(bool more)
    {
        // Without the wire's own sign of the end every choice that began must have come to its own.
        bool whole = _ending || (_finished && (_open & ~_closed) == 0);
        if (!call.Committed)
        {
            if (!_any || !whole)
            {
                return UpstreamErrors.Invalid("The upstream's stream ended before any content.");
            }
            Commit();
        }
        if (!whole)
        {
            return UpstreamErrors.Broken;
        }
        if (_asArray)
        {
            Keep("]"u8, ref _tail);
        }
        call.Record.ResponseBytes += _tail.Length;
        attempt.Complete(null);
        // The record is safe before the client learns that this was all.
        if (!await call.SettleAsync(call, 200, null))
        {
            return UpstreamErrors.NotRecorded;
        }
        call.Exchange.Output.Write(_tail.Span);
        await FlushAsync();
        if (more && _operation == Operation.Responses)
        {
            await StreamRest.PassAsync(call, clock, reader);
        }
        return null;
    }
}
