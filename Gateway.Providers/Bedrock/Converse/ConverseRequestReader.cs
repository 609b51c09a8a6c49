using System.Buffers;
using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Reads a Converse request.</summary>
internal static class ConverseRequestReader
{
    public const string ModelFields = "additionalModelRequestFields";

    private static readonly HashSet<string> Known =
        ["modelId", "system", "messages", "inferenceConfig", "toolConfig", "outputConfig", "serviceTier", "requestMetadata"];

    // They change where or how fast an answer is made, or what is told about it.
    private static readonly HashSet<string> Tuning = ["performanceConfig", "additionalModelResponseFieldPaths"];

    // What of a model's own fields the canonical form has.
    private static readonly HashSet<string> Understood = ["thinking", "output_config", "reasoning_effort", "reasoning_config", "reasoningConfig", "top_k"];

    public static GenerationRequest Read(JsonElement json, RequestLine line)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new GenerationFormatException("The body must be a JSON object.");
        }
        json.Has("inferenceConfig", out JsonElement inference);
        json.Has(ModelFields, out JsonElement fields);
        json.Has("serviceTier", out JsonElement tier);
        return new GenerationRequest
        {
            Model = line.Model ?? json.Text("modelId") ?? throw new GenerationFormatException("The path must name a model.", "model"),
            Instructions = ConverseBlockReader.ReadAll(json.Items("system"), "system"),
            Messages = ReadMessages(json),
            Tools = ConverseToolReader.Read(json),
            ToolChoice = ConverseToolReader.ReadChoice(json),
            Output = ReadOutput(json),
            Sampling = new Sampling
            {
                MaxOutputTokens = inference.Whole32("maxTokens"),
                Temperature = inference.Number("temperature"),
                TopP = inference.Number("topP"),
                TopK = fields.Whole32("top_k"),
                Stop = [.. inference.Items("stopSequences").Where(s => s.ValueKind == JsonValueKind.String).Select(s => s.GetString()!)],
            },
            Reasoning = ConverseReasoning.Read(fields),
            Stream = line.Stream ?? false,
            IncludeUsage = line.Stream ?? false,
            Metadata = ReadMetadata(json),
            ServiceTier = tier.Text("type"),
            Extensions = [.. ReadExtensions(json)],
            Origin = Wire.BedrockConverse,
        };
    }

    private static List<Message> ReadMessages(JsonElement json)
    {
        List<Message> messages = [];
        var functions = new Dictionary<string, string>();
        int index = 0;
        foreach (JsonElement message in json.Items("messages"))
        {
            string param = $"messages[{index++}]";
            string role = message.Text("role") ?? throw new GenerationFormatException($"{param}.role must be user or assistant.", param + ".role");
            List<Part> parts = ConverseBlockReader.ReadAll(message.Items("content"), param + ".content");
            foreach (ToolCallPart call in parts.OfType<ToolCallPart>())
            {
                functions[call.Id] = call.Name;
            }
            if (role == "assistant")
            {
                messages.Add(new Message(Role.Assistant, parts) { Raw = parts.TrueForAll(IsOurs) ? new RawJson(Wire.BedrockConverse, message) : null });
            }
            else
            {
                AddUser(message, parts, functions, messages);
            }
        }
        return messages;
    }

    // A user's turn with results of tools in it becomes two: the results, then the rest.
    private static void AddUser(JsonElement message, List<Part> parts, Dictionary<string, string> functions, List<Message> messages)
    {
        List<Part> results = [.. parts.OfType<ToolResultPart>().Select(r => r with { Name = functions.GetValueOrDefault(r.CallId) })];
        List<Part> rest = parts.FindAll(p => p is not ToolResultPart);
        bool mixed = results.Count > 0 && rest.Count > 0;
        if (results.Count > 0)
        {
            messages.Add(new Message(Role.Tool, results) { Raw = new RawJson(Wire.BedrockConverse, mixed ? Only(message, results: true) : message) });
        }
        if (rest.Count > 0 || results.Count == 0)
        {
            messages.Add(new Message(Role.User, rest) { Raw = new RawJson(Wire.BedrockConverse, mixed ? Only(message, results: false) : message) });
        }
    }

    /// <summary>The message with only its tool results, or with everything but them.</summary>
    private static JsonElement Only(JsonElement message, bool results)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("role", "user");
            writer.WriteStartArray("content");
            bool wasResult = false;
            foreach (JsonElement block in message.Items("content"))
            {
                // A cache point belongs to the block before it.
                bool isResult = block.Has("toolResult", out _) || (wasResult && block.Has("cachePoint", out _));
                if (isResult == results)
                {
                    block.WriteTo(writer);
                }
                wasResult = isResult;
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return JsonFields.Parse(output.WrittenSpan);
    }

    // Another vendor's signature must not reach this one verbatim.
    private static bool IsOurs(Part part) => part is not ReasoningPart { Origin: not Wire.BedrockConverse };

    private static OutputFormat? ReadOutput(JsonElement json)
    {
        if (!json.Has("outputConfig", out JsonElement config) || !config.Has("textFormat", out JsonElement format)
            || !format.Has("structure", out JsonElement structure) || !structure.Has("jsonSchema", out JsonElement schema))
        {
            return null;
        }
        return new OutputFormat(OutputFormatKind.JsonSchema)
        {
            Name = schema.Text("name"),
            Description = schema.Text("description"),
            // The schema is JSON within a string.
            Schema = JsonFields.TryParse(schema.Text("schema")),
        };
    }

    private static Dictionary<string, string> ReadMetadata(JsonElement json) =>
        json.Has("requestMetadata", out JsonElement metadata) && metadata.ValueKind == JsonValueKind.Object
            ? metadata.EnumerateObject().Where(l => l.Value.ValueKind == JsonValueKind.String).ToDictionary(l => l.Name, l => l.Value.GetString()!)
            : [];

    private static IEnumerable<VendorExtension> ReadExtensions(JsonElement json) => json.EnumerateObject()
        .Where(p => !Known.Contains(p.Name) && p.Value.ValueKind != JsonValueKind.Null)
        .Select(p => new VendorExtension(Wire.BedrockConverse, p.Name, p.Value) { TunesOnly = Tuning.Contains(p.Name) || (p.Name == ModelFields && IsUnderstood(p.Value)) });

    private static bool IsUnderstood(JsonElement fields) =>
        fields.ValueKind == JsonValueKind.Object && fields.EnumerateObject().All(f => Understood.Contains(f.Name));
}
