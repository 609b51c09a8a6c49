using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.E2E.Hosting.Stories;

/// <summary>Anthropic Messages, with the fields that Anthropic sends today.</summary>
internal sealed class AnthropicStoryWire(HttpContext context) : StoryWire(context)
{
    public const string Key = "sk-ant-story";

    private const string Usage = """{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":9,"output_tokens_details":{"thinking_tokens":3},"server_tool_use":null,"service_tier":"standard","inference_geo":"not_available","speed":null}""";

    /// <inheritdoc/>
    public override string? Check(JsonNode body, string story)
    {
        if (Context.Request.Headers["x-api-key"] != Key || Context.Request.Headers["anthropic-version"].Count != 1)
        {
            return "headers: x-api-key and anthropic-version are needed";
        }
        if (body["max_tokens"] is null)
        {
            return "max_tokens: Field required";
        }
        JsonArray messages = body["messages"]!.AsArray();
        return story switch
        {
            "tools" when body["tools"]?[0]?["input_schema"]?["properties"]?["city"] is null => "tools.0.input_schema: Field required",
            "tools" when IsAnswered(body) => CheckResults(messages),
            "json" when body["output_config"]?["format"]?["schema"]?["properties"]?["city"] is null => "output_config.format: Field required",
            "image" when !Blocks(messages[^1]!).Any(b => b["source"]?["media_type"]?.GetValue<string>() == "image/png" && b["source"]!["data"]!.GetValue<string>() == Story.Image) =>
                "messages.0.content: no image",
            _ => null,
        };
    }

    private static string? CheckResults(JsonArray messages)
    {
        List<JsonNode> asked = [.. Blocks(messages[^2]!)];
        List<JsonNode> answered = [.. Blocks(messages[^1]!)];
        if (asked[0]["type"]!.GetValue<string>() != "thinking" || asked[0]["signature"]?.GetValue<string>() != Story.Signature)
        {
            return "messages.1.content.0: Expected `thinking`, with a valid `signature`";
        }
        string calls = string.Join(' ', asked.Where(b => b["type"]!.GetValue<string>() == "tool_use").Select(b => $"{b["id"]}:{b["input"]!["city"]}"));
        string results = string.Join(' ', answered.Where(b => b["type"]!.GetValue<string>() == "tool_result").Select(b => $"{b["tool_use_id"]}:{TextOf(b["content"])}"));
        return calls == "toolu_1:Oslo toolu_2:Bergen" && results == "toolu_1:7 toolu_2:9" ? null : $"messages.2: {calls} / {results}";
    }

    /// <inheritdoc/>
    public override bool IsAnswered(JsonNode body) => Blocks(body["messages"]!.AsArray()[^1]!).Any(b => b["type"]!.GetValue<string>() == "tool_result");

    /// <inheritdoc/>
    public override JsonNode ErrorOf(StoryRefusal refusal) => new JsonObject
    {
        ["type"] = "error",
        ["error"] = new JsonObject { ["type"] = refusal.Type, ["message"] = refusal.Message },
        ["request_id"] = "req_story",
    };

    /// <inheritdoc/>
    public override JsonNode Whole(string model, Story story)
    {
        JsonObject message = Message(model);
        message["content"] = new JsonArray([.. BlocksOf(story)]);
        message["stop_reason"] = StopReason(story);
        return message;
    }

    /// <inheritdoc/>
    public override async Task StreamAsync(string model, Story story)
    {
        JsonObject start = Message(model);
        start["usage"]!["output_tokens"] = 1;
        await SendAsync("message_start", new JsonObject { ["message"] = start });
        int index = 0;
        foreach (JsonObject block in BlocksOf(story))
        {
            await StreamAsync(block, index++);
            if (story.Breaks)
            {
                await SendAsync("error", new JsonObject { ["error"] = Json("""{"type":"overloaded_error","message":"Overloaded"}""") });
                return;
            }
        }
        await SendAsync("message_delta", new JsonObject
        {
            ["delta"] = new JsonObject { ["stop_reason"] = StopReason(story), ["stop_sequence"] = null, ["stop_details"] = null, ["container"] = null },
            ["usage"] = Json("""{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":30,"output_tokens":9,"output_tokens_details":{"thinking_tokens":3},"server_tool_use":null}"""),
        });
        await SendAsync("message_stop", []);
    }

    private async Task StreamAsync(JsonObject block, int index)
    {
        (string field, string delta, string text) = block["type"]!.GetValue<string>() switch
        {
            "thinking" => ("thinking", "thinking_delta", block["thinking"]!.GetValue<string>()),
            "tool_use" => ("partial_json", "input_json_delta", block["input"]!.ToJsonString()),
            _ => ("text", "text_delta", block["text"]!.GetValue<string>()),
        };
        string? signature = block["signature"]?.GetValue<string>();
        JsonObject empty = block.DeepClone().AsObject();
        foreach (string emptied in (string[])["thinking", "signature", "text"])
        {
            if (empty.ContainsKey(emptied))
            {
                empty[emptied] = "";
            }
        }
        if (empty.ContainsKey("input"))
        {
            empty["input"] = new JsonObject();
        }
        await SendAsync("content_block_start", new JsonObject { ["index"] = index, ["content_block"] = empty });
        await SendAsync("ping", []);
        foreach (string piece in Pieces(text))
        {
            await SendAsync("content_block_delta", new JsonObject { ["index"] = index, ["delta"] = new JsonObject { ["type"] = delta, [field] = piece } });
        }
        if (signature is not null)
        {
            await SendAsync("content_block_delta", new JsonObject { ["index"] = index, ["delta"] = new JsonObject { ["type"] = "signature_delta", ["signature"] = signature } });
        }
        await SendAsync("content_block_stop", new JsonObject { ["index"] = index });
    }

    private static IEnumerable<JsonObject> BlocksOf(Story story)
    {
        if (story.Thought is not null)
        {
            yield return new JsonObject { ["type"] = "thinking", ["thinking"] = story.Thought, ["signature"] = Story.Signature };
        }
        if (story.Text is not null)
        {
            yield return new JsonObject { ["type"] = "text", ["text"] = story.Text };
        }
        foreach (StoryCall call in story.Calls)
        {
            yield return new JsonObject
            {
                ["type"] = "tool_use",
                ["id"] = call.Id,
                ["name"] = "weather",
                ["input"] = JsonNode.Parse(call.Arguments),
                ["caller"] = new JsonObject { ["type"] = "direct" },
            };
        }
    }

    private static JsonObject Message(string model) => new()
    {
        ["id"] = "msg_story",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = model,
        ["content"] = new JsonArray(),
        ["stop_reason"] = null,
        ["stop_sequence"] = null,
        ["stop_details"] = null,
        ["container"] = null,
        ["diagnostics"] = null,
        ["usage"] = Json(Usage),
    };

    private static string StopReason(Story story) => story.Calls.Count > 0 ? "tool_use" : "end_turn";

    private static IEnumerable<JsonNode> Blocks(JsonNode message) => message["content"] is JsonArray blocks ? blocks.Select(b => b!) : [];

    private static string? TextOf(JsonNode? content) => content is JsonArray blocks ? string.Concat(blocks.Select(b => b!["text"])) : content?.GetValue<string>();

    private Task SendAsync(string type, JsonObject data)
    {
        data["type"] = type;
        return SendAsync(type, data.ToJsonString());
    }
}
