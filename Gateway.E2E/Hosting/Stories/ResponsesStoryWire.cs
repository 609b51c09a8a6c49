using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.E2E.Hosting.Stories;

/// <summary>OpenAI Responses, which keeps the last answer by itself and thinks in encrypted items.</summary>
internal sealed class ResponsesStoryWire(HttpContext context) : StoryWire(context)
{
    private const string Usage = """{"input_tokens":42,"input_tokens_details":{"cached_tokens":30},"output_tokens":9,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":51}""";

    private int _sequence;

    /// <inheritdoc/>
    public override string? Check(JsonNode body, string story) => story switch
    {
        "tools" when body["tools"]?[0]?["parameters"]?["properties"]?["city"] is null => "tools[0].parameters is missing",
        "tools" when IsAnswered(body) => CheckResults(Items(body)),
        "json" when body["text"]?["format"]?["schema"]?["properties"]?["city"] is null => "text.format is missing",
        "image" when !body["input"]!.ToJsonString().Contains("data:image/png;base64," + JsonValue.Create(Story.Image).ToJsonString().Trim('"'), StringComparison.Ordinal) => "no image",
        _ => null,
    };

    private static string? CheckResults(List<JsonNode> items)
    {
        // By previous_response_id the upstream knows its own calls; else they must have come back.
        string calls = string.Join(' ', items.Where(i => Type(i) == "function_call").Select(i => $"{i["call_id"]}:{JsonNode.Parse(i["arguments"]!.GetValue<string>())!["city"]}"));
        string results = string.Join(' ', items.Where(i => Type(i) == "function_call_output").Select(i => $"{i["call_id"]}:{i["output"]}"));
        return calls is "" or "toolu_1:Oslo toolu_2:Bergen" && results == "toolu_1:7 toolu_2:9" ? null : $"input: {calls} / {results}";
    }

    /// <inheritdoc/>
    public override bool IsAnswered(JsonNode body) => Items(body) is [.., var last] && Type(last) == "function_call_output";

    /// <inheritdoc/>
    public override JsonNode ErrorOf(StoryRefusal refusal) => new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = refusal.Message, ["type"] = refusal.Type, ["param"] = null, ["code"] = null },
    };

    /// <inheritdoc/>
    public override JsonNode Whole(string model, Story story) => Response(model, "completed", [.. ItemsOf(story)], Json(Usage));

    /// <inheritdoc/>
    public override async Task StreamAsync(string model, Story story)
    {
        await SendAsync("response.created", new JsonObject { ["response"] = Response(model, "in_progress", [], null) });
        await SendAsync("response.in_progress", new JsonObject { ["response"] = Response(model, "in_progress", [], null) });
        List<JsonObject> items = [.. ItemsOf(story)];
        for (int i = 0; i < items.Count; i++)
        {
            if (!await TellAsync(items[i], i, story.Breaks))
            {
                return;
            }
        }
        await SendAsync("response.completed", new JsonObject { ["response"] = Response(model, "completed", [.. items.Select(i => i.DeepClone().AsObject())], Json(Usage)) });
    }

    /// <returns>False when the stream broke off.</returns>
    private async Task<bool> TellAsync(JsonObject item, int index, bool breaks)
    {
        string id = item["id"]!.GetValue<string>();
        JsonObject begun = item.DeepClone().AsObject();
        (string list, string empty) = Type(item) switch { "message" => ("content", "[]"), "reasoning" => ("summary", "[]"), _ => ("arguments", "\"\"") };
        begun[list] = JsonNode.Parse(empty);
        await SendAsync("response.output_item.added", new JsonObject { ["output_index"] = index, ["item"] = begun });
        string kind = list switch { "content" => "output_text", "summary" => "reasoning_summary_text", _ => "function_call_arguments" };
        string part = list == "summary" ? "summary_index" : "content_index";
        string text = (list == "arguments" ? item[list]! : item[list]![0]!["text"]!).GetValue<string>();
        await PartAsync("added", list, item, index, "");
        foreach (string piece in Pieces(text))
        {
            await SendAsync($"response.{kind}.delta", new JsonObject { ["item_id"] = id, ["output_index"] = index, [part] = 0, ["delta"] = piece });
            if (breaks)
            {
                await SendAsync("error", Json("""{"code":"overloaded_error","message":"Overloaded","param":null}"""));
                return false;
            }
        }
        string whole = list == "arguments" ? "arguments" : "text";
        await SendAsync($"response.{kind}.done", new JsonObject { ["item_id"] = id, ["output_index"] = index, [part] = 0, [whole] = text });
        await PartAsync("done", list, item, index, text);
        await SendAsync("response.output_item.done", new JsonObject { ["output_index"] = index, ["item"] = item.DeepClone() });
        return true;
    }

    private async Task PartAsync(string what, string list, JsonObject item, int index, string text)
    {
        if (list == "arguments")
        {
            return;
        }
        JsonObject part = item[list]![0]!.DeepClone().AsObject();
        part["text"] = text;
        (string name, string number) = list == "summary" ? ("reasoning_summary_part", "summary_index") : ("content_part", "content_index");
        await SendAsync($"response.{name}.{what}", new JsonObject { ["item_id"] = item["id"]!.GetValue<string>(), ["output_index"] = index, [number] = 0, ["part"] = part });
    }

    private Task SendAsync(string type, JsonObject data)
    {
        data["type"] = type;
        data["sequence_number"] = _sequence++;
        return base.SendAsync(type, data.ToJsonString());
    }

    private static IEnumerable<JsonObject> ItemsOf(Story story)
    {
        if (story.Thought is not null)
        {
            yield return Json($$"""{"type":"reasoning","id":"rs_story","summary":[{"type":"summary_text","text":"{{story.Thought}}"}],"encrypted_content":"{{Story.Signature}}"}""");
        }
        foreach (StoryCall call in story.Calls)
        {
            JsonObject item = Json($$"""{"type":"function_call","id":"fc_{{call.Id}}","status":"completed","call_id":"{{call.Id}}","name":"weather"}""");
            item["arguments"] = call.Arguments;
            yield return item;
        }
        if (story.Text is not null)
        {
            JsonObject item = Json("""{"type":"message","id":"msg_story","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[]}]}""");
            item["content"]![0]!["text"] = story.Text;
            yield return item;
        }
    }

    private static JsonObject Response(string model, string status, JsonArray output, JsonNode? usage)
    {
        JsonObject response = Json("""
            {"id":"resp_story","object":"response","created_at":1700000000,"error":null,"incomplete_details":null,"instructions":null,"metadata":{},
             "parallel_tool_calls":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,"text":{"format":{"type":"text"}},"previous_response_id":null}
            """);
        (response["model"], response["status"], response["output"], response["usage"]) = (model, status, output, usage);
        return response;
    }

    private static List<JsonNode> Items(JsonNode body) => body["input"] is JsonArray items ? [.. items.Select(i => i!)] : [];

    private static string? Type(JsonNode item) => item["type"]?.GetValue<string>();
}
