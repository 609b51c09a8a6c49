namespace Gateway.Core.Catalog;

/// <summary>A protocol for generating from messages: the shape of requests, answers, stream events and errors.</summary>
public enum Wire
{
    /// <summary>OpenAI Chat Completions.</summary>
    OpenAIChat,

    /// <summary>OpenAI Responses.</summary>
    OpenAIResponses,

    /// <summary>Anthropic Messages.</summary>
    AnthropicMessages,

    /// <summary>Gemini <c>generateContent</c>, on the Gemini API and on Vertex AI.</summary>
    Gemini,

    /// <summary>Bedrock Converse and ConverseStream.</summary>
    BedrockConverse,

    /// <summary>Cohere Chat, version 2.</summary>
    CohereChat,
}

/// <summary>Names of <see cref="Wire"/> and the operation that speaks each.</summary>
public static class Wires
{
    private static readonly string[] Names = ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "bedrock-converse", "cohere-chat"];
    private static readonly string[] Titles = ["Chat Completions", "Responses", "Messages", "Gemini", "Bedrock Converse", "Cohere Chat"];

    public static IReadOnlyList<Wire> All { get; } = Enum.GetValues<Wire>();

    /// <summary>As in reports and headers, for example <c>anthropic-messages</c>.</summary>
    public static string ToName(this Wire wire) => Names[(int)wire];

    /// <summary>What people call it, for example <c>Messages</c>.</summary>
    public static string ToTitle(this Wire wire) => Titles[(int)wire];

    /// <summary>False when <paramref name="name"/> is no wire's; case does not matter.</summary>
    public static bool TryParse(string? name, out Wire wire)
    {
        int index = Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
        wire = index < 0 ? default : (Wire)index;
        return index >= 0;
    }

    /// <summary>The operation that generates on this wire.</summary>
    public static Operation ToOperation(this Wire wire) => wire switch
    {
        Wire.OpenAIChat => Operation.ChatCompletions,
        Wire.OpenAIResponses => Operation.Responses,
        Wire.AnthropicMessages => Operation.Messages,
        Wire.Gemini => Operation.GenerateContent,
        Wire.BedrockConverse => Operation.Converse,
        _ => Operation.CohereChat,
    };
}
