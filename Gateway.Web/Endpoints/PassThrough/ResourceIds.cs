using Gateway.Core.Forwarding;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>Looks into small JSON bodies for ids of resources: a batch belongs where its input file is.</summary>
internal static class ResourceIds
{
    private const int MostBytes = 65_536;

    public static async ValueTask<IReadOnlyList<string>> InAsync(HttpRequest request)
    {
        if (request.ContentLength is not (> 0 and <= MostBytes) || !RequestHeaders.IsJson(request.ContentType) || request.Headers.ContentEncoding.Count > 0)
        {
            return [];
        }
        byte[] body = new byte[request.ContentLength.Value];
        await request.Body.ReadExactlyAsync(body, request.HttpContext.RequestAborted);
        request.Body = new MemoryStream(body);
        return ResourceAnswer.IdsIn(body);
    }
}
