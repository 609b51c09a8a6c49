using System.Buffers;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Relay;

namespace Gateway.Web.Endpoints.StoredResponses;

/// <summary>Passes on the events of an answer that a provider keeps, with the model's name as the client knows it.</summary>
internal static class KeptStream
{
    private const int ReadBytes = 16_384;

    /// <returns>The data of the event that ended the stream; null where none did.</returns>
    /// <exception cref="IOException">An event is larger than the gateway allows.</exception>
    public static async Task<byte[]?> PassOnAsync(Stream body, Stream client, string model, int mostEventBytes, CancellationToken cancellation)
    {
        byte[] name = JsonSerializer.SerializeToUtf8Bytes(model);
        byte[] chunk = new byte[ReadBytes];
        byte[] waiting = [];
        byte[]? last = null;
        var framer = new SseFramer();
        var output = new ArrayBufferWriter<byte>();
        int read;
        do
        {
            read = await body.ReadAsync(chunk, cancellation);
            waiting = [.. waiting, .. chunk.AsSpan(0, read)];
            int taken = 0;
            while (framer.TryRead(waiting.AsSpan(taken), end: read == 0, out SseFrame frame))
            {
                taken += frame.Whole.Length;
                last = Write(frame, name, output) ?? last;
            }
            waiting = waiting[taken..];
            if (waiting.Length > mostEventBytes)
            {
                throw new IOException("The upstream sent an event larger than the gateway allows.");
            }
            await client.WriteAsync(output.WrittenMemory, cancellation);
            await client.FlushAsync(cancellation);
            output.ResetWrittenCount();
        }
        while (read > 0);
        return last;
    }

    private static byte[]? Write(in SseFrame frame, byte[] name, ArrayBufferWriter<byte> output)
    {
        bool isAnswer = frame is { HasData: true, DataStart: >= 0 };
        if (!isAnswer || !AnswerReader.TryRead(Operation.Responses, frame.Data, measure: false, out AnswerFacts facts) || !facts.Model.Exists)
        {
            output.Write(frame.Whole);
            return null;
        }
        output.Write(frame.Whole[..(frame.DataStart + facts.Model.Start)]);
        output.Write(name);
        output.Write(frame.Whole[(frame.DataStart + facts.Model.End)..]);
        return facts.IsEnd ? frame.Data.ToArray() : null;
    }
}
