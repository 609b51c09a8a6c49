using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Web.Endpoints.PassThrough;

/// <summary>
/// Anthropic's batches say in <c>results_url</c> where their results are, and its SDKs go there with the key that they have: the
/// gateway's. So that it is not shown to the vendor, who would refuse it, the address becomes the gateway's own.
/// </summary>
internal static class BatchLinks
{
    private const string Batches = "messages/batches";

    // A list of a thousand batches, which is the longest, has half a megabyte.
    private const int MostBytes = 8 * 1024 * 1024;

    /// <summary>Whether an answer may hold such addresses.</summary>
    /// <param name="path">Below the API's prefix.</param>
    public static bool May(string path, HttpResponseMessage response) =>
        response.IsSuccessStatusCode
        && path.Contains(Batches, StringComparison.Ordinal)
        && response.Content.Headers is { ContentType.MediaType: "application/json", ContentLength: null or <= MostBytes };

    /// <summary>Puts the address at which the client found the API into the answer.</summary>
    public static async Task RewriteAsync(HttpResponseMessage response, HttpRequest request, CancellationToken cancellation)
    {
        string asked = (request.PathBase + request.Path).ToUriComponent();
        string prefix = $"{request.Scheme}://{request.Host.ToUriComponent()}{asked[..asked.LastIndexOf(Batches, StringComparison.Ordinal)]}{Batches}/";
        await response.Content.LoadIntoBufferAsync(MostBytes, cancellation);
        if (Rewrite(await response.Content.ReadAsByteArrayAsync(cancellation), prefix) is { } rewritten)
        {
            response.Content = new StringContent(rewritten, Encoding.UTF8, "application/json");
        }
    }

    private static string? Rewrite(byte[] body, string prefix)
    {
        try
        {
            var root = JsonNode.Parse(body) as JsonObject;
            bool changed = Rewrite(root, prefix);
            foreach (JsonNode? batch in root?["data"] as JsonArray ?? [])
            {
                changed |= Rewrite(batch as JsonObject, prefix);
            }
            return changed ? root!.ToJsonString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Passed on as it came, as whatever else the gateway cannot read.
            return null;
        }
    }

    private static bool Rewrite(JsonObject? batch, string prefix)
    {
        if (batch?["results_url"] is not JsonValue || batch["id"] is not JsonValue id)
        {
            return false;
        }
        batch["results_url"] = $"{prefix}{Uri.EscapeDataString(id.GetValue<string>())}/results";
        return true;
    }
}
