using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Core.Catalog;
using Gateway.Core.Forwarding;
using Microsoft.AspNetCore.WebUtilities;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>
/// Answers say where more is to be had: Anthropic's batches in <c>results_url</c> where their results are, Gemini's files in <c>downloadUri</c>
/// where their content is, and its uploads in a header where the bytes go. Clients go there with the key that they have: the gateway's. So
/// that it is not shown to the vendor, who would refuse it, the address becomes the gateway's own.
/// </summary>
internal static class AnswerLinks
{
    private const string Batches = "messages/batches";
    private const string Files = "files";

    // A list of a thousand batches, which is the longest, has half a megabyte.
    private const int MostBytes = 8 * 1024 * 1024;

    private static readonly string[] UploadHeaders = ["X-Goog-Upload-URL", "X-Goog-Upload-Control-URL"];

    /// <summary>Whether an answer's body may hold such addresses.</summary>
    /// <param name="path">Below the API's prefix.</param>
    public static bool May(string path, Provider provider, HttpResponseMessage response) =>
        response.IsSuccessStatusCode
        && (path.Contains(Batches, StringComparison.Ordinal) || (provider.Kind == ProviderKind.Gemini && path.Contains(Files, StringComparison.Ordinal)))
        && response.Content.Headers is { ContentType.MediaType: "application/json", ContentLength: null or <= MostBytes };

    /// <summary>Puts the address at which the client found the API into the answer.</summary>
    public static async Task RewriteAsync(HttpResponseMessage response, HttpRequest request, CancellationToken cancellation)
    {
        await response.Content.LoadIntoBufferAsync(MostBytes, cancellation);
        if (Rewrite(await response.Content.ReadAsByteArrayAsync(cancellation), request) is { } rewritten)
        {
            response.Content = new StringContent(rewritten, Encoding.UTF8, "application/json");
        }
    }

    /// <summary>The same for where the rest of an upload goes. An address that is not the one which was asked is left out.</summary>
    /// <param name="headers">The answer's, on their way to the client.</param>
    /// <param name="sent">Where the request went.</param>
    public static void RewriteUpload(IHeaderDictionary headers, HttpRequest request, Uri sent, PassThroughCall call)
    {
        foreach (string name in UploadHeaders)
        {
            if (headers[name] is not [{ } value])
            {
                continue;
            }
            headers.Remove(name);
            if (Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.Authority == sent.Authority && url.AbsolutePath == sent.AbsolutePath)
            {
                headers[name] = Here(request) + url.Query;
                // The rest has to go to the same provider.
                call.Own(QueryHelpers.ParseQuery(url.Query).TryGetValue("upload_id", out var id) ? id.ToString() : "");
            }
        }
    }

    private static string? Rewrite(byte[] body, HttpRequest request)
    {
        string asked = Here(request);
        try
        {
            var root = JsonNode.Parse(body) as JsonObject;
            bool changed = Rewrite(root, asked) | Rewrite(root?["file"] as JsonObject, asked);
            foreach (JsonNode? one in (root?["data"] ?? root?["files"]) as JsonArray ?? [])
            {
                changed |= Rewrite(one as JsonObject, asked);
            }
            return changed ? root!.ToJsonString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Passed on as it came, as whatever else the gateway cannot read.
            return null;
        }
    }

    private static bool Rewrite(JsonObject? resource, string asked)
    {
        if (resource?["results_url"] is JsonValue && resource["id"] is JsonValue id && asked.LastIndexOf(Batches, StringComparison.Ordinal) is >= 0 and var batches)
        {
            resource["results_url"] = $"{asked[..batches]}{Batches}/{Uri.EscapeDataString(id.GetValue<string>())}/results";
            return true;
        }
        if (resource?["downloadUri"] is JsonValue && resource["name"] is JsonValue name && asked.LastIndexOf(Files, StringComparison.Ordinal) is >= 0 and var files)
        {
            string escaped = string.Join('/', name.GetValue<string>().Split('/').Select(Uri.EscapeDataString));
            resource["downloadUri"] = $"{asked[..files].Replace("/upload/", "/", StringComparison.Ordinal)}{escaped}:download?alt=media";
            return true;
        }
        return false;
    }

    private static string Here(HttpRequest request) => $"{request.Scheme}://{request.Host.ToUriComponent()}{(request.PathBase + request.Path).ToUriComponent()}";
}
