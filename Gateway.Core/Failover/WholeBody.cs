using System.Buffers;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover;

/// <summary>Reads an answer that is one document to its end, and writes one; between the two is what is done with it.</summary>
internal static class WholeBody
{
    /// <summary>Reads all of the body into the reader's buffer; an error when there is too much of it.</summary>
    public static async ValueTask<GatewayError?> ReadAsync(Call call, UpstreamReader reader, HttpResponseMessage response)
    {
        long? length = response.Content.Headers.ContentLength;
        int most = (int)Math.Min(call.Options.MaxResponseBodyBytes, int.MaxValue / 2);
        if (length > most)
        {
            return TooLarge;
        }
        while (reader.Buffer.Length != length && await reader.ReadAsync(Room(length, reader.Buffer.Length)))
        {
            if (reader.Buffer.Length > most)
            {
                return TooLarge;
            }
        }
        return null;
    }

    /// <summary>Settles, and sends <paramref name="body"/> as the answer.</summary>
    public static async ValueTask<GatewayError?> WriteAsync(
        Call call, ReadOnlyMemory<byte> body, HttpResponseMessage response, string? lossy, string contentType = "application/json")
    {
        if (await BeginAsync(call, body.Length, response, lossy, contentType) is { } error)
        {
            return error;
        }
        call.Exchange.Output.Write(body.Span);
        await call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        return null;
    }

    /// <summary>Settles, and sends <paramref name="body"/> with the model's public name in place of the upstream's.</summary>
    /// <param name="model">Where the body names the model; nothing is replaced where it does not.</param>
    public static async ValueTask<GatewayError?> WriteAsync(Call call, ReadOnlyMemory<byte> body, Slice model, HttpResponseMessage response)
    {
        if (!model.Exists)
        {
            return await WriteAsync(call, body, response, lossy: null);
        }
        ReadOnlyMemory<byte> alias = call.Envelope.ModelJson;
        if (await BeginAsync(call, body.Length + alias.Length - model.Length, response, lossy: null) is { } error)
        {
            return error;
        }
        call.Exchange.Output.Write(body.Span[..model.Start]);
        call.Exchange.Output.Write(alias.Span);
        call.Exchange.Output.Write(body.Span[model.End..]);
        await call.Exchange.Output.FlushAsync(call.Exchange.Aborted);
        return null;
    }

    /// <summary>Settles, and sets the head of an answer of <paramref name="length"/> bytes; the caller writes them.</summary>
    private static async ValueTask<GatewayError?> BeginAsync(
        Call call, int length, HttpResponseMessage response, string? lossy, string contentType = "application/json")
    {
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        call.Record.ResponseBytes = length;
        // The record is safe before the client can know of the answer.
        if (!await call.SettleAsync(call, 200, null))
        {
            return UpstreamErrors.NotRecorded;
        }
        call.Commit(contentType, response, streamed: false, length, lossy);
        return null;
    }

    private static int Room(long? length, int have) => length is { } all && all > have ? (int)(all - have) : 4096;

    private static readonly GatewayError TooLarge =
        UpstreamErrors.Invalid("The upstream's answer is larger than the gateway allows (Gateway:Limits:MaxResponseBodyBytes).");
}
