using Gateway.Core;
using Gateway.Core.Relay;

namespace Gateway.Web.Endpoints;

/// <summary>Answers requests that never reach the pipeline.</summary>
internal static class OpenAIErrors
{
    public static async Task WriteAsync(HttpContext context, GatewayError error)
    {
        context.Response.StatusCode = error.StatusCode;
        context.Response.ContentType = "application/json";
        OpenAIError.Write(context.Response.BodyWriter, error);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
