using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Tools;

namespace Gateway.Web.Components.Pages.Playground;

/// <summary>Reads functions in any of the shapes that people have them in: OpenAI's two, Anthropic's, or Gemini's.</summary>
internal static class ToolList
{
    public const string Example = """
        [
          {
            "name": "weather",
            "description": "The weather in a city",
            "parameters": {
              "type": "object",
              "properties": { "city": { "type": "string" } },
              "required": ["city"]
            }
          }
        ]
        """;

    /// <summary>What is wrong with the text; null when it could be read. No text is no tools.</summary>
    public static string? TryRead(string text, out IReadOnlyList<ToolDefinition> tools)
    {
        tools = [];
        if (text.Trim().Length == 0)
        {
            return null;
        }
        List<FunctionTool> read = [];
        try
        {
            JsonElement json = JsonFields.Parse(System.Text.Encoding.UTF8.GetBytes(text));
            IEnumerable<JsonElement> items = json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : [json];
            foreach (JsonElement item in items.SelectMany(i => i.Has("functionDeclarations", out JsonElement all) ? all.EnumerateArray() : Enumerable.Repeat(i, 1)))
            {
                JsonElement function = item.Has("function", out JsonElement inner) ? inner : item;
                if (function.Text("name") is not { Length: > 0 } name)
                {
                    return $"Tool {read.Count + 1} has no name.";
                }
                JsonElement parameters = function.Has("parameters", out JsonElement p) || function.Has("input_schema", out p) ? p : default;
                if (parameters.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Object))
                {
                    return $"The parameters of {name} must be a JSON schema, an object.";
                }
                if (read.Exists(t => t.Name == name))
                {
                    return $"There are two tools named {name}.";
                }
                read.Add(new FunctionTool(name) { Description = function.Text("description"), Parameters = parameters });
            }
        }
        catch (JsonException e)
        {
            return $"It is not valid JSON (line {(e.LineNumber ?? 0) + 1}).";
        }
        catch (InvalidOperationException)
        {
            return "functionDeclarations must be an array.";
        }
        tools = read;
        return null;
    }
}
