using System.Buffers;
using Gateway.Core;
using Gateway.Core.Relay;

namespace Gateway.Web.Endpoints;

/// <summary>Answers requests that never reach the pipeline.</summary>
internal static class OpenAIErrors
{
    public static async Task WriteAsync(HttpContext context, GatewayError error)
    {
        TimeProvider time = context.RequestServices.GetRequiredService<TimeProvider>();
        var body = new ArrayBufferWriter<byte>(512);
        OpenAIError.Write(body, error);
        HttpResponse response = context.Response;
        response.StatusCode = error.StatusCode;
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        response.Headers["x-request-id"] = RequestHeaders.RequestIdOf(context.Request, time.GetUtcNow());
        await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
