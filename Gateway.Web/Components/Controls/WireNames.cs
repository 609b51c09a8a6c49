using Gateway.Core.Catalog;

namespace Gateway.Web.Components.Controls;

/// <summary>What people call the wires.</summary>
public static class WireNames
{
    public static string Of(Wire wire) => wire switch
    {
        Wire.OpenAIChat => "OpenAI Chat",
        Wire.OpenAIResponses => "OpenAI Responses",
        Wire.AnthropicMessages => "Anthropic Messages",
        Wire.Gemini => "Gemini",
        Wire.BedrockConverse => "Bedrock Converse",
        _ => "Cohere Chat",
    };
}
