using System.Buffers;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>
/// Passes on the events of a transcript, of speech or of pictures in the making, one by one as they are. The first that is no
/// error commits the answer; it is whole when an event said so (<c>….done</c>, <c>….completed</c>) or <c>[DONE]</c> came.
/// </summary>
internal sealed class EventRelay(Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response)
{
    private SseFramer _framer;

    // What waits: for the first event before the answer is committed, for the record to be safe once the last event is there.
    private PooledBuffer _held;
    private int _completed;
    private bool _whole;
    private bool _marked;

    public async ValueTask<GatewayError?> RunAsync()
    {
        try
        {
            while (true)
            {
                bool more = await reader.ReadAsync();
                if (Process(end: !more) is { } error)
                {
                    return error;
                }
                if (_whole || !more)
                {
                    return await EndAsync(more);
                }
                if (EventRoom.Check(call, Math.Max(reader.Buffer.Length, _held.Length)) is { } noRoom)
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
        }
    }

    /// <summary>Takes all whole events from the buffer.</summary>
    private GatewayError? Process(bool end)
    {
        ref PooledBuffer buffer = ref reader.Buffer;
        int consumed = 0;
        GatewayError? error = null;
        while (!_whole && error is null && _framer.TryRead(buffer.Span[consumed..], end, out SseFrame frame))
        {
            error = Take(frame, end);
            consumed += frame.Whole.Length;
        }
        if (consumed > 0)
        {
            buffer.Consume(consumed);
        }
        return error;
    }

    private GatewayError? Take(in SseFrame frame, bool end)
    {
        if (!frame.HasData)
        {
            Emit(frame.Whole);
            return null;
        }
        if (frame.Data.SequenceEqual("[DONE]"u8))
        {
            _whole = _marked = true;
            Emit(frame.Whole);
            return null;
        }
        if (!CapabilityReader.TryRead(frame.Data, out CapabilityFacts facts))
        {
            // At the end it is an event that was cut off.
            return end ? UpstreamErrors.Broken : UpstreamErrors.Invalid("The upstream's stream held an event that is not JSON.");
        }
        if (facts.Error.Exists || facts.IsErrorItself || frame.EventName.SequenceEqual("error"u8))
        {
            return UpstreamErrors.OfErrorObject(facts.Error.Exists ? facts.Error.Of(frame.Data) : frame.Data, attempt.Backend, attempt.Credential);
        }
        CapabilityAccounts.Book(call, facts);
        if (!call.Committed)
        {
            Commit();
        }
        _completed += facts.IsLast ? 1 : 0;
        _whole = facts.IsLast && _completed >= call.Envelope.Choices;
        EmitEvent(frame, facts.Model);
        return null;
    }

    private void EmitEvent(in SseFrame frame, Slice model)
    {
        if (!model.Exists || frame.DataStart < 0)
        {
            Emit(frame.Whole);
            return;
        }
        Emit(frame.Whole[..(frame.DataStart + model.Start)]);
        Emit(call.Envelope.ModelJson.Span);
        Emit(frame.Whole[(frame.DataStart + model.End)..]);
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        if (!call.Committed || _whole)
        {
            Hold(bytes);
            return;
        }
        call.Exchange.Output.Write(bytes);
        call.Record.ResponseBytes += bytes.Length;
    }

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_held.GetRoom(bytes.Length).Span);
        _held.Filled(bytes.Length);
    }

    private void Commit()
    {
        attempt.NoteContent();
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        call.Record.Streamed = true;
        call.Commit("text/event-stream; charset=utf-8", response, streamed: true);
        call.Exchange.Output.Write(_held.Span);
        call.Record.ResponseBytes += _held.Length;
        _held.Dispose();
    }

    /// <param name="more">The upstream has not closed the stream yet.</param>
    private async ValueTask<GatewayError?> EndAsync(bool more)
    {
        if (!call.Committed)
        {
            return UpstreamErrors.Invalid("The upstream's stream ended before any content.");
        }
        if (!_whole && _completed == 0)
        {
            return UpstreamErrors.Broken;
        }
        attempt.Complete(null);
        call.Record.ResponseBytes += _held.Length;
        // The record is safe before the client learns that this was all.
        if (!await call.SettleAsync(call, 200, null))
        {
            return UpstreamErrors.NotRecorded;
        }
        call.Exchange.Output.Write(_held.Span);
        await FlushAsync();
        if (more && !_marked)
        {
            await StreamRest.PassAsync(call, clock, reader);
        }
        return null;
    }

    private async ValueTask FlushAsync()
    {
        ValueTask<System.IO.Pipelines.FlushResult> flush = call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        if (!flush.IsCompleted)
        {
            clock.Pause();
        }
        await flush;
        call.Exchange.Aborted.ThrowIfCancellationRequested();
    }
}
