using System.Buffers;
using System.IO.Pipelines;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>
/// Passes on a stream event by event. Until the first real content everything is held back, so that a stream that fails
/// early can still be tried elsewhere; from then on each read of the upstream is one flush to the client.
/// </summary>
internal sealed class StreamRelay(Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response)
{
    // The client did not ask for the usage chunk, so it does not get it.
    private readonly bool _dropUsage = !call.Envelope.UsageChunkWanted;
    private SseFramer _framer;
    private PooledBuffer _held;
    private byte[]? _doneFrame;
    private bool _finished;
    private bool _any;

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
                if (_doneFrame is not null || !more)
                {
                    return await EndAsync();
                }
                if (reader.Buffer.Length > call.Options.MaxEventBytes || _held.Length > call.Options.MaxEventBytes)
                {
                    return UpstreamErrors.Invalid("The upstream sent an event larger than the gateway allows (Gateway:Limits:MaxEventBytes).");
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
        while (_doneFrame is null && error is null && _framer.TryRead(buffer.Span[consumed..], end, out SseFrame frame))
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
            _doneFrame = frame.Whole.ToArray();
            return null;
        }
        if (!AnswerReader.TryRead(frame.Data, measure: true, out AnswerFacts facts, call.Output))
        {
            // At the end it is an event that was cut off.
            return end ? Broken() : UpstreamErrors.Invalid("The upstream's stream held an event that is not JSON.");
        }
        if (facts.Error.Exists || frame.EventName.SequenceEqual("error"u8))
        {
            return UpstreamErrors.OfErrorObject(facts.Error.Exists ? facts.Error.Of(frame.Data) : frame.Data, attempt.Backend, attempt.Credential);
        }
        _any = true;
        call.NoteModel(facts.Model.Of(frame.Data));
        if (facts.HasUsage)
        {
            call.Report(facts.Usage);
        }
        call.Output = facts.Text;
        if (facts.FinishReason is not null)
        {
            call.Record.FinishReason = facts.FinishReason;
            _finished = true;
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

    private void EmitChunk(in SseFrame frame, in AnswerFacts facts)
    {
        Slice dropped = _dropUsage ? facts.NullUsage : default;
        if (frame.DataStart < 0)
        {
            EmitJoined(frame, facts.Model);
            return;
        }
        // At most two edits, in whichever order they stand.
        Slice model = facts.Model;
        ReadOnlySpan<byte> alias = call.Envelope.ModelValue.Of(call.Envelope.Body.Span);
        ReadOnlySpan<byte> data = frame.Data;
        Emit(frame.Whole[..frame.DataStart]);
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
        Emit(frame.Whole[(frame.DataStart + position)..]);
    }

    // An event of several data lines goes on as one of a single line; between JSON tokens a line end is as good as a space.
    private void EmitJoined(in SseFrame frame, Slice model)
    {
        byte[] data = frame.Data.ToArray();
        data.AsSpan().Replace((byte)'\n', (byte)' ');
        data.AsSpan().Replace((byte)'\r', (byte)' ');
        if (!frame.EventName.IsEmpty)
        {
            Emit("event: "u8);
            Emit(frame.EventName);
            Emit("\n"u8);
        }
        Emit("data: "u8);
        Emit(data.AsSpan(0, model.Start));
        Emit(model.Exists ? call.Envelope.ModelValue.Of(call.Envelope.Body.Span) : default);
        Emit(data.AsSpan(model.End));
        Emit("\n\n"u8);
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        if (call.Committed)
        {
            call.Exchange.Output.Write(bytes);
            call.Record.ResponseBytes += bytes.Length;
        }
        else
        {
            bytes.CopyTo(_held.GetRoom(bytes.Length).Span);
            _held.Filled(bytes.Length);
        }
    }

    private void Commit()
    {
        clock.FirstContent();
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        call.Committed = true;
        call.Exchange.Start(new ResponseHead
        {
            Status = 200,
            ContentType = "text/event-stream; charset=utf-8",
            Limits = call.Admission.Decision,
            Record = call.Record,
            Streamed = true,
            Upstream = response,
            GatewayHeaders = call.Options.GatewayHeaders,
        });
        Emit(_held.Span);
        _held.Dispose();
    }

    private async ValueTask<GatewayError?> EndAsync()
    {
        if (!call.Committed)
        {
            if (_doneFrame is null || !_any)
            {
                return UpstreamErrors.Invalid("The upstream's stream ended before any content.");
            }
            Commit();
        }
        if (_doneFrame is null && !_finished)
        {
            return Broken();
        }
        attempt.Complete(null);
        // The record is safe before the client learns that this was all.
        if (!await call.SettleAsync(call, 200, null))
        {
            return new GatewayError(GatewayErrorKind.JournalUnavailable, "The gateway cannot record calls at the moment.");
        }
        call.Exchange.Output.Write(_doneFrame);
        await FlushAsync();
        return null;
    }

    private static GatewayError Broken() =>
        new(GatewayErrorKind.UpstreamStreamBroken, "The upstream's stream broke off before it was finished.");
}
