using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Providers.Simulated;

/// <summary>Calls the first function that a request offers, with arguments that fit its schema in shape.</summary>
internal static class SimulatedToolCall
{
    /// <summary>Null when there is nothing to call, or when the conversation is already past it.</summary>
    public static JsonObject? For(JsonNode request)
    {
        if (request["tools"] is not JsonArray { Count: > 0 } tools
            || (request["tool_choice"] is JsonValue choice && choice.GetValueKind() == JsonValueKind.String && choice.ToString() == "none")
            || request["messages"]!.AsArray()[^1]?["role"]?.ToString() != "user"
            || tools[0]?["function"] is not JsonObject function)
        {
            return null;
        }
        var arguments = new JsonObject();
        if (function["parameters"]?["properties"] is JsonObject properties)
        {
            foreach ((string name, JsonNode? schema) in properties)
            {
                arguments[name] = Example(schema);
            }
        }
        return new JsonObject
        {
            ["id"] = "call_simulated1",
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = function["name"]?.ToString() ?? "function", ["arguments"] = arguments.ToJsonString() },
        };
    }

    private static JsonNode? Example(JsonNode? schema)
    {
        if (schema?["enum"] is JsonArray { Count: > 0 } values)
        {
            return values[0]?.DeepClone();
        }
        return schema?["type"]?.ToString() switch
        {
            "integer" or "number" => 1,
            "boolean" => true,
            "array" => new JsonArray(),
            "object" => new JsonObject(),
            "null" => null,
            _ => "example",
        };
    }
}
