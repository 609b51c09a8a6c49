using Gateway.Core;
using Gateway.Core.Forwarding;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>Looks into small JSON bodies for ids of resources: a batch belongs where its input file is, and the rest of an upload where that began.</summary>
internal static class ResourceIds
{
    private const int MostBytes = 65_536;

    /// <returns>The ids; or why the body could not be read.</returns>
    public static async ValueTask<(IReadOnlyList<string> Ids, GatewayError? Error)> InAsync(HttpRequest request)
    {
        string[] named = request.Query.TryGetValue("upload_id", out var upload) ? [upload.ToString()] : [];
        if (request.ContentLength is not (> 0 and <= MostBytes) || !RequestHeaders.IsJson(request.ContentType) || request.Headers.ContentEncoding.Count > 0)
        {
            return (named, null);
        }
        byte[] body = new byte[request.ContentLength.Value];
        try
        {
            await request.Body.ReadExactlyAsync(body, request.HttpContext.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            return ([], new GatewayError(GatewayErrorKind.InvalidRequest, "The request body could not be read: " + e.Message));
        }
        catch (IOException)
        {
            return ([], new GatewayError(GatewayErrorKind.ClientClosed, "The client closed the request."));
        }
        request.Body = new MemoryStream(body);
        return ([.. named, .. ResourceAnswer.IdsIn(body)], null);
    }
}
