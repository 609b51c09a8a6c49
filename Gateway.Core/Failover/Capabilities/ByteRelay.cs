using System.Buffers;

namespace Gateway.Core.Failover.Capabilities;

/// <summary>
/// Passes on bytes as they arrive: sound, subtitles, plain text. The first of them commits the answer; one that breaks off
/// ends in a broken connection, since nothing in it could say so.
/// </summary>
internal static class ByteRelay
{
    public static async ValueTask<GatewayError?> RunAsync(
        Call call, AttemptScope attempt, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response)
    {
        long? length = response.Content.Headers.ContentLength;
        while (reader.Buffer.Length > 0 || await reader.ReadAsync())
        {
            if (!call.Committed)
            {
                Commit(call, attempt, response, length);
            }
            int count = reader.Buffer.Length;
            call.Record.ResponseBytes += count;
            // Where the client can tell that this was all, the record is safe before.
            if (call.Record.ResponseBytes == length && await SettleAsync(call, attempt) is { } failure)
            {
                return failure;
            }
            call.Exchange.Output.Write(reader.Buffer.Span);
            reader.Buffer.Consume(count);
            await FlushAsync(call, clock);
        }
        if (!call.Committed)
        {
            return UpstreamErrors.Invalid("The upstream's answer was empty.");
        }
        return await SettleAsync(call, attempt);
    }

    private static void Commit(Call call, AttemptScope attempt, HttpResponseMessage response, long? length)
    {
        attempt.NoteContent();
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        // Even an answer to "stream": true is bytes here; no error event could be put into it.
        call.Record.Streamed = false;
        call.Commit(ContentTypeOf(response), response, streamed: true, length);
    }

    // One that no header can hold is as good as none.
    private static string ContentTypeOf(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values)
        && values.ToString() is { Length: > 0 } type && !type.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? type
            : "application/octet-stream";

    private static async ValueTask<GatewayError?> SettleAsync(Call call, AttemptScope attempt)
    {
        attempt.Complete(null);
        return await call.SettleAsync(call, 200, null)
            ? null
            : UpstreamErrors.NotRecorded;
    }

    private static async ValueTask FlushAsync(Call call, AttemptClock clock)
    {
        var flush = call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        if (!flush.IsCompleted)
        {
            clock.Pause();
        }
        await flush;
        call.Exchange.Aborted.ThrowIfCancellationRequested();
    }
}
