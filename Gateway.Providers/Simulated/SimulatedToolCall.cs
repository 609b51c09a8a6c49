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
        JsonObject arguments = SchemaExample.Of(function["parameters"]) as JsonObject ?? [];
        return new JsonObject
        {
            ["id"] = "call_simulated1",
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = function["name"]?.ToString() ?? "function", ["arguments"] = arguments.ToJsonString() },
        };
    }
}
