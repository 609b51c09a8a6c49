using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Corpus;

namespace Gateway.Tests.Providers.Anthropic;

/// <summary>Brings requests that mean the same into the same shape.</summary>
internal static class AnthropicNormal
{
    /// <summary>Texts as lists of blocks, turns of one role joined, fields that say nothing left out.</summary>
    public static JsonObject Request(JsonObject request)
    {
        var normal = new JsonObject();
        foreach ((string name, JsonNode? value) in request)
        {
            if (value is null || (name == "stream" && !value.GetValue<bool>()) || (value is JsonArray { Count: 0 } && name != "messages"))
            {
                continue;
            }
            normal[name] = name switch
            {
                "system" when value is JsonValue && value.GetValue<string>().Length == 0 => null,
                "system" => Blocks(value),
                "messages" => Turns(value.AsArray()),
                "temperature" => value.GetValue<double>(),
                _ => WithoutNulls(value),
            };
        }
        if (normal["system"] is null)
        {
            normal.Remove("system");
        }
        return normal;
    }

    private static JsonArray Turns(JsonArray messages)
    {
        var turns = new JsonArray();
        foreach (JsonNode? message in messages)
        {
            string role = message!["role"]!.GetValue<string>();
            JsonArray blocks = Blocks(message["content"]);
            if (turns.Count > 0 && turns[^1]!["role"]!.GetValue<string>() == role)
            {
                foreach (JsonNode? block in blocks)
                {
                    turns[^1]!["content"]!.AsArray().Add(block!.DeepClone());
                }
                continue;
            }
            turns.Add(new JsonObject { ["role"] = role, ["content"] = blocks });
        }
        foreach (JsonNode? turn in turns)
        {
            // Results go first.
            turn!["content"] = new JsonArray([.. turn["content"]!.AsArray().Select(b => b!.DeepClone()).OrderBy(b => b["type"]!.GetValue<string>() == "tool_result" ? 0 : 1)]);
        }
        return turns;
    }

    private static JsonArray Blocks(JsonNode? content) => content switch
    {
        null => [],
        JsonArray list => new JsonArray([.. list.Select(b => WithoutNulls(b!))]),
        _ => [new JsonObject { ["type"] = "text", ["text"] = content.GetValue<string>() }],
    };

    private static JsonNode WithoutNulls(JsonNode node) => node switch
    {
        JsonObject json => new JsonObject(json.Where(p => p.Value is not null).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)WithoutNulls(p.Value!)))),
        JsonArray list => new JsonArray([.. list.Select(v => v is null ? null : WithoutNulls(v))]),
        _ => node.DeepClone(),
    };

    /// <summary>What a stream's events come to, put together without the codec.</summary>
    public static JsonObject WholeOf(RecordedExchange exchange)
    {
        JsonObject message = [];
        var inputs = new Dictionary<int, string>();
        foreach (JsonElement answer in exchange.Answers())
        {
            JsonObject json = JsonNode.Parse(answer.GetRawText())!.AsObject();
            int index = json["index"]?.GetValue<int>() ?? 0;
            switch (json["type"]!.GetValue<string>())
            {
                case "message_start":
                    message = json["message"]!.DeepClone().AsObject();
                    break;
                case "content_block_start":
                    message["content"]!.AsArray().Add(json["content_block"]!.DeepClone());
                    break;
                case "content_block_delta":
                    Apply(json["delta"]!.AsObject(), message["content"]![index]!.AsObject(), index, inputs);
                    break;
                case "message_delta":
                    Merge(json["delta"], message);
                    Merge(json["usage"], message["usage"]!.AsObject());
                    break;
            }
        }
        foreach ((int index, string input) in inputs.Where(i => i.Value.Length > 0))
        {
            message["content"]![index]!["input"] = JsonNode.Parse(input);
        }
        return message;
    }

    private static void Apply(JsonObject delta, JsonObject block, int index, Dictionary<int, string> inputs)
    {
        switch (delta["type"]!.GetValue<string>())
        {
            case "text_delta":
                block["text"] = (block["text"]?.GetValue<string>() ?? "") + delta["text"]!.GetValue<string>();
                break;
            case "thinking_delta":
                block["thinking"] = (block["thinking"]?.GetValue<string>() ?? "") + delta["thinking"]!.GetValue<string>();
                break;
            case "signature_delta":
                block["signature"] = (block["signature"]?.GetValue<string>() ?? "") + delta["signature"]!.GetValue<string>();
                break;
            case "citations_delta":
                block["citations"] ??= new JsonArray();
                block["citations"]!.AsArray().Add(delta["citation"]!.DeepClone());
                break;
            case "input_json_delta":
                inputs[index] = inputs.GetValueOrDefault(index, "") + delta["partial_json"]!.GetValue<string>();
                break;
        }
    }

    private static void Merge(JsonNode? from, JsonObject to)
    {
        foreach ((string name, JsonNode? value) in from?.AsObject() ?? [])
        {
            to[name] = value?.DeepClone();
        }
    }
}
