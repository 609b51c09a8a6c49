using System.Globalization;
using System.IO.Pipelines;
using Gateway.Core;
using Gateway.Core.Relay.Uploads;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Web.Endpoints;

/// <summary>Reads a client's form into a spool.</summary>
internal static class UploadReader
{
    public static async ValueTask<BodyResult> ReadAsync(HttpContext context, UploadSpool spool, long maxBytes)
    {
        HttpRequest request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0)
        {
            return Refuse(GatewayErrorKind.UnsupportedMediaType, "Compressed request bodies are not accepted.");
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }
        if (request.ContentLength > maxBytes)
        {
            return TooLarge(maxBytes);
        }
        PipeReader reader = request.BodyReader;
        BodyDeadline? deadline = null;
        try
        {
            while (true)
            {
                ReadResult read = await BodyDeadline.ReadAsync(context, ref deadline, context.RequestAborted);
                if (read.IsCanceled)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return new BodyResult(default, BodyDeadline.Missed(context));
                }
                if (spool.Length + read.Buffer.Length > maxBytes)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    return TooLarge(maxBytes);
                }
                bool taken = false;
                try
                {
                    taken = await spool.AppendAsync(read.Buffer, context.RequestAborted);
                }
                finally
                {
                    reader.AdvanceTo(read.Buffer.End);
                }
                if (!taken)
                {
                    return NoRoom("The gateway is taking in as many uploads as it has room for (Gateway:Limits:MaxSpooledBytes).");
                }
                if (read.IsCompleted)
                {
                    return new BodyResult(spool.Complete(), null, request.ContentType);
                }
            }
        }
        catch (Exception e) when (e is BadHttpRequestException || IsChunkTooLong(e))
        {
            return Refuse(GatewayErrorKind.InvalidRequest, "The request body could not be read: " + e.Message);
        }
        catch (Exception e) when (e is ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            // As for other bodies: Kestrel is not to read the rest.
            context.Abort();
            return Refuse(GatewayErrorKind.ClientClosed, "The client closed the request.");
        }
        catch (IOException)
        {
            return NoRoom("The gateway has no room to take in an upload at the moment.");
        }
        finally
        {
            deadline?.Dispose();
        }
    }

    /// <summary>A chunk that says it is longer than any number: the server throws what it throws for connections that break.</summary>
    public static bool IsChunkTooLong(Exception e) => e is IOException { InnerException: OverflowException };

    private static BodyResult NoRoom(string message) => new(default, new GatewayError(GatewayErrorKind.Overloaded, message, RetryAfter: TimeSpan.FromSeconds(5)));

    private static BodyResult TooLarge(long maxBytes) => Refuse(
        GatewayErrorKind.RequestTooLarge,
        string.Create(CultureInfo.InvariantCulture, $"The upload is larger than {maxBytes} bytes, the most this gateway accepts (Gateway:Limits:MaxUploadBytes)."));

    private static BodyResult Refuse(GatewayErrorKind kind, string message) => new(default, new GatewayError(kind, message));
}
