using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Gateway.E2E.Hosting.Stories;

/// <summary>OpenAI Chat, as servers that think speak it: <c>reasoning_content</c>, and parallel calls that come interleaved.</summary>
internal sealed class ChatStoryWire(HttpContext context) : StoryWire(context)
{
    private const string Usage = """{"prompt_tokens":42,"completion_tokens":9,"total_tokens":51,"prompt_tokens_details":{"cached_tokens":30},"completion_tokens_details":{"reasoning_tokens":3}}""";

    /// <inheritdoc/>
    public override string? Check(JsonNode body, string story)
    {
        JsonArray messages = body["messages"]!.AsArray();
        return story switch
        {
            "tools" when body["tools"]?[0]?["function"]?["parameters"]?["properties"]?["city"] is null => "tools[0].function.parameters is missing",
            "tools" when IsAnswered(body) => CheckResults(messages),
            "json" when body["response_format"]?["json_schema"]?["schema"]?["properties"]?["city"] is null => "response_format.json_schema is missing",
            "image" when !messages[^1]!["content"]!.AsArray().Any(p => p!["image_url"]?["url"]?.GetValue<string>() == "data:image/png;base64," + Story.Image) => "no image",
            _ => null,
        };
    }

    private static string? CheckResults(JsonArray messages)
    {
        string calls = string.Join(' ', messages[^3]!["tool_calls"]!.AsArray().Select(c => $"{c!["id"]}:{JsonNode.Parse(c["function"]!["arguments"]!.GetValue<string>())!["city"]}"));
        string results = string.Join(' ', messages.Skip(messages.Count - 2).Select(m => $"{m!["tool_call_id"]}:{m["content"]}"));
        return calls == "toolu_1:Oslo toolu_2:Bergen" && results == "toolu_1:7 toolu_2:9" ? null : $"messages: {calls} / {results}";
    }

    /// <inheritdoc/>
    public override bool IsAnswered(JsonNode body) => body["messages"]!.AsArray()[^1]!["role"]!.GetValue<string>() == "tool";

    /// <inheritdoc/>
    public override JsonNode ErrorOf(StoryRefusal refusal) => new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = refusal.Message, ["type"] = refusal.Type, ["param"] = null, ["code"] = null },
    };

    /// <inheritdoc/>
    public override JsonNode Whole(string model, Story story)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = story.Text };
        if (story.Thought is not null)
        {
            message["reasoning_content"] = story.Thought;
        }
        if (story.Calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. story.Calls.Select((c, i) => Call(c, null, c.Arguments))]);
        }
        return new JsonObject
        {
            ["id"] = "chatcmpl-story",
            ["object"] = "chat.completion",
            ["created"] = 1_700_000_000,
            ["model"] = model,
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = FinishReason(story) }),
            ["usage"] = Json(Usage),
        };
    }

    /// <inheritdoc/>
    public override async Task StreamAsync(string model, Story story)
    {
        foreach (JsonObject delta in DeltasOf(story))
        {
            await SendAsync(null, Chunk(model, delta, null).ToJsonString());
            if (story.Breaks && delta.ContainsKey("content"))
            {
                await SendAsync(null, """{"error":{"message":"Overloaded","type":"overloaded_error","code":null}}""");
                return;
            }
        }
        await SendAsync(null, Chunk(model, [], FinishReason(story)).ToJsonString());
        JsonObject usage = Chunk(model, [], null);
        usage["choices"] = new JsonArray();
        usage["usage"] = Json(Usage);
        await SendAsync(null, usage.ToJsonString());
        await SendAsync(null, "[DONE]");
    }

    private static IEnumerable<JsonObject> DeltasOf(Story story)
    {
        yield return new JsonObject { ["role"] = "assistant" };
        foreach (string piece in story.Thought is null ? [] : Pieces(story.Thought))
        {
            yield return new JsonObject { ["reasoning_content"] = piece };
        }
        foreach (string piece in story.Text is null ? [] : Pieces(story.Text))
        {
            yield return new JsonObject { ["content"] = piece };
        }
        for (int i = 0; i < story.Calls.Count; i++)
        {
            yield return new JsonObject { ["tool_calls"] = new JsonArray(Call(story.Calls[i], i, "")) };
        }
        for (int half = 0; half < 2; half++)
        {
            for (int i = 0; i < story.Calls.Count; i++)
            {
                string piece = Pieces(story.Calls[i].Arguments).ElementAt(half);
                yield return new JsonObject { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = i, ["function"] = new JsonObject { ["arguments"] = piece } }) };
            }
        }
    }

    private static JsonObject Call(StoryCall call, int? index, string arguments)
    {
        var json = new JsonObject
        {
            ["id"] = call.Id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = "weather", ["arguments"] = arguments },
        };
        if (index is not null)
        {
            json["index"] = index;
        }
        return json;
    }

    private static JsonObject Chunk(string model, JsonObject delta, string? finish) => new()
    {
        ["id"] = "chatcmpl-story",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1_700_000_000,
        ["model"] = model,
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }),
    };

    private static string FinishReason(Story story) => story.Calls.Count > 0 ? "tool_calls" : "stop";
}
