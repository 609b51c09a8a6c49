using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Tools;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Reads a chat request.</summary>
internal static class CohereRequestReader
{
    private static readonly HashSet<string> Known =
    [
        "model", "messages", "stream", "tools", "tool_choice", "response_format", "max_tokens", "stop_sequences", "temperature", "seed",
        "frequency_penalty", "presence_penalty", "k", "p", "logprobs", "thinking",
    ];

    // They change when an answer is made, not what it says.
    private static readonly HashSet<string> Tuning = ["priority"];

    public static GenerationRequest Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("The body must be a JSON object.");
        }
        List<Message> messages = ReadMessages(json, out List<Part> instructions);
        bool stream = json.Flag("stream") ?? false;
        return new GenerationRequest
        {
            Model = json.Text("model") ?? throw new GenerationFormatException("model must name a model.", "model"),
            Instructions = instructions,
            Messages = messages,
            Tools = [.. json.Items("tools").Select(ReadTool)],
            ToolChoice = json.Text("tool_choice") switch
            {
                "REQUIRED" => new ToolChoice(ToolChoiceMode.Required),
                "NONE" => new ToolChoice(ToolChoiceMode.None),
                _ => null,
            },
            Output = ReadOutput(json),
            Sampling = new Sampling
            {
                MaxOutputTokens = json.Whole32("max_tokens"),
                Temperature = json.Number("temperature"),
                TopP = json.Number("p"),
                TopK = json.Whole32("k"),
                Stop = [.. json.Items("stop_sequences").Where(s => s.ValueKind == JsonValueKind.String).Select(s => s.GetString()!)],
                Seed = json.Whole("seed"),
                FrequencyPenalty = json.Number("frequency_penalty"),
                PresencePenalty = json.Number("presence_penalty"),
                Logprobs = json.Flag("logprobs"),
            },
            Reasoning = json.Has("thinking", out JsonElement thinking)
                ? new ReasoningSettings { Enabled = thinking.Text("type") != "disabled", BudgetTokens = thinking.Whole32("token_budget") }
                : null,
            Stream = stream,
            IncludeUsage = stream,
            Extensions = [.. json.EnumerateObject()
                .Where(p => !Known.Contains(p.Name) && p.Value.ValueKind != JsonValueKind.Null)
                .Select(p => new VendorExtension(Wire.CohereChat, p.Name, p.Value) { TunesOnly = Tuning.Contains(p.Name) })],
            Origin = Wire.CohereChat,
        };
    }

    private static List<Message> ReadMessages(JsonElement json, out List<Part> instructions)
    {
        instructions = [];
        List<Message> messages = [];
        var functions = new Dictionary<string, string>();
        int index = 0;
        foreach (JsonElement message in json.Items("messages"))
        {
            string param = $"messages[{index++}]";
            switch (message.ValueKind == JsonValueKind.Object ? message.Text("role") : null)
            {
                case "system" when messages.Count == 0:
                    instructions.AddRange(CohereParts.ReadContent(message));
                    break;
                case "system":
                    messages.Add(new Message(Role.System, CohereParts.ReadContent(message)) { Raw = Raw(message) });
                    break;
                case "user":
                    messages.Add(new Message(Role.User, CohereParts.ReadContent(message)) { Raw = Raw(message) });
                    break;
                case "assistant":
                    AddAssistant(message, messages, functions);
                    break;
                case "tool":
                    AddResult(message, messages, functions);
                    break;
                default:
                    throw new GenerationFormatException($"{param}.role must be system, user, assistant or tool.", param + ".role");
            }
        }
        return messages;
    }

    private static void AddAssistant(JsonElement message, List<Message> messages, Dictionary<string, string> functions)
    {
        List<Part> parts = CohereParts.ReadAssistant(message);
        foreach (ToolCallPart call in parts.OfType<ToolCallPart>())
        {
            functions[call.Id] = call.Name;
        }
        // Another vendor's signature must not reach this one verbatim.
        bool ours = parts.TrueForAll(p => p is not ReasoningPart { Origin: not Wire.CohereChat });
        messages.Add(new Message(Role.Assistant, parts) { Raw = ours ? Raw(message) : null });
    }

    private static void AddResult(JsonElement message, List<Message> messages, Dictionary<string, string> functions)
    {
        string id = message.Text("tool_call_id") ?? "";
        var result = new ToolResultPart(id, CohereParts.ReadContent(message)) { Name = functions.GetValueOrDefault(id) };
        if (messages.Count > 0 && messages[^1].Role == Role.Tool)
        {
            messages[^1] = messages[^1] with { Parts = [.. messages[^1].Parts, result] };
        }
        else
        {
            messages.Add(new Message(Role.Tool, [result]));
        }
    }

    private static ToolDefinition ReadTool(JsonElement tool) => tool.Has("function", out JsonElement function)
        ? new FunctionTool(function.Text("name") ?? "")
        {
            Description = function.Text("description"),
            Parameters = function.Has("parameters", out JsonElement parameters) ? parameters : default,
        }
        : new BuiltInTool(Wire.CohereChat, tool.Text("type") ?? "unknown", tool);

    private static OutputFormat? ReadOutput(JsonElement json)
    {
        if (!json.Has("response_format", out JsonElement format))
        {
            return null;
        }
        return format.Has("json_schema", out JsonElement schema) || format.Has("schema", out schema)
            ? new OutputFormat(OutputFormatKind.JsonSchema) { Schema = schema }
            : new OutputFormat(format.Text("type") == "json_object" ? OutputFormatKind.JsonObject : OutputFormatKind.Text);
    }

    private static RawJson Raw(JsonElement message) => new(Wire.CohereChat, message);
}
