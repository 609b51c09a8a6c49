using System.Buffers;

namespace Gateway.Core.Failover;

/// <summary>Reads an answer that is one document to its end, and writes one; between the two is what is done with it.</summary>
internal static class WholeBody
{
    /// <summary>Reads all of the body into the reader's buffer; an error when there is too much of it.</summary>
    public static async ValueTask<GatewayError?> ReadAsync(Call call, AttemptClock clock, UpstreamReader reader, HttpResponseMessage response)
    {
        long? length = response.Content.Headers.ContentLength;
        int most = (int)Math.Min(call.Options.MaxResponseBodyBytes, int.MaxValue / 2);
        if (length > most)
        {
            return TooLarge;
        }
        while (reader.Buffer.Length != length && await reader.ReadAsync(Room(length, reader.Buffer.Length)))
        {
            clock.FirstContent();
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

    /// <summary>Settles, and sets the head of an answer of <paramref name="length"/> bytes; the caller writes them.</summary>
    public static async ValueTask<GatewayError?> BeginAsync(
        Call call, int length, HttpResponseMessage response, string? lossy, string contentType = "application/json")
    {
        call.Record.TimeToFirstTokenUs = call.MicrosecondsSince(call.Started);
        call.Record.ResponseBytes = length;
        // The record is safe before the client can know of the answer.
        if (!await call.SettleAsync(call, 200, null))
        {
            return UpstreamErrors.NotRecorded;
        }
        call.Committed = true;
        call.Exchange.Start(new ResponseHead
        {
            Status = 200,
            ContentType = contentType,
            ContentLength = length,
            Limits = call.Admission.Decision,
            Record = call.Record,
            Streamed = false,
            Upstream = response,
            GatewayHeaders = call.Options.GatewayHeaders,
            Lossy = lossy,
        });
        return null;
    }

    private static int Room(long? length, int have) => length is { } all && all > have ? (int)(all - have) : 4096;

    private static readonly GatewayError TooLarge =
        UpstreamErrors.Invalid("The upstream's answer is larger than the gateway allows (Gateway:Limits:MaxResponseBodyBytes).");
}
