using System.Text.Json;
using Gateway.Core;
using Gateway.Core.Generation;
using Gateway.Core.Generation.StoredResponses;

namespace Gateway.Web.Endpoints.StoredResponses;

/// <summary>The items that led to an answer, in pages: <c>limit</c> (1 to 100, 20 by default), <c>order</c> (newest first by default) and <c>after</c>.</summary>
internal static class InputItems
{
    public static async Task WriteAsync(HttpContext context, StoredResponse response)
    {
        IQueryCollection query = context.Request.Query;
        int limit = 20;
        if (query.TryGetValue("limit", out var asked) && (!int.TryParse(asked, out limit) || limit is < 1 or > 100))
        {
            await StoredResponseRoutes.RefuseAsync(context, new GatewayError(GatewayErrorKind.InvalidRequest, "'limit' must be a whole number from 1 to 100.", "limit"));
            return;
        }
        List<(string Id, JsonElement Item)> items = [.. JsonFields.Parse(response.Input.Span).EnumerateArray().Select((item, i) => (IdOf(item, response.Id, i), item))];
        if (query["order"] != "asc")
        {
            items.Reverse();
        }
        int from = 0;
        if (query.TryGetValue("after", out var after))
        {
            from = items.FindIndex(i => i.Id == after) + 1;
            if (from == 0)
            {
                await StoredResponseRoutes.RefuseAsync(context, new GatewayError(GatewayErrorKind.InvalidRequest, "'after' names no item of this response.", "after"));
                return;
            }
        }
        await StoredResponseRoutes.WriteAsync(context, Page(items[from..], limit));
    }

    private static byte[] Page(List<(string Id, JsonElement Item)> items, int limit)
    {
        List<(string Id, JsonElement Item)> page = [.. items.Take(limit)];
        using var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("object"u8, "list"u8);
            writer.WriteStartArray("data"u8);
            foreach ((string id, JsonElement item) in page)
            {
                WriteItem(item, id, writer);
            }
            writer.WriteEndArray();
            writer.WriteString("first_id"u8, page.Count == 0 ? null : page[0].Id);
            writer.WriteString("last_id"u8, page.Count == 0 ? null : page[^1].Id);
            writer.WriteBoolean("has_more"u8, items.Count > limit);
            writer.WriteEndObject();
        }
        return output.ToArray();
    }

    // Clients need not name their items, but pages are turned by names: made of the answer's, and so the same each time.
    private static string IdOf(JsonElement item, string response, int position) =>
        item.Text("id") ?? $"{PrefixOf(item)}_{response[(response.IndexOf('_', StringComparison.Ordinal) + 1)..]}{position:x4}";

    private static string PrefixOf(JsonElement item) => item.Text("type") switch
    {
        null or "message" => "msg",
        "function_call" => "fc",
        "function_call_output" => "fco",
        "reasoning" => "rs",
        _ => "item",
    };

    // Requests may leave out what answers always say: the type, the status, and that a text is a list of one part.
    private static void WriteItem(JsonElement item, string id, Utf8JsonWriter writer)
    {
        bool message = item.Text("type") is null or "message";
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        if (item.Text("type") is null)
        {
            writer.WriteString("type"u8, "message"u8);
        }
        if (item.Text("status") is null && item.Text("type") != "reasoning")
        {
            writer.WriteString("status"u8, "completed"u8);
        }
        foreach (JsonProperty field in item.EnumerateObject())
        {
            if (field.NameEquals("id"u8) || field is { Name: "status" or "type", Value.ValueKind: JsonValueKind.Null })
            {
                continue;
            }
            if (message && field is { Name: "content", Value.ValueKind: JsonValueKind.String })
            {
                WriteText(field.Value.GetString()!, item.Text("role") == "assistant", writer);
            }
            else
            {
                field.WriteTo(writer);
            }
        }
        writer.WriteEndObject();
    }

    private static void WriteText(string text, bool assistant, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("content"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, assistant ? "output_text"u8 : "input_text"u8);
        writer.WriteString("text"u8, text);
        if (assistant)
        {
            writer.WriteStartArray("annotations"u8);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
