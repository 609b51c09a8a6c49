using Gateway.Core.Catalog;

namespace Gateway.Web.Endpoints;

/// <summary>Whose envelope an error goes into: the client's own.</summary>
internal enum ErrorWire
{
    OpenAI,
    Responses,
    Anthropic,
    Gemini,
}

internal static class ErrorWires
{
    public static ErrorWire Of(Operation operation) => operation switch
    {
        Operation.Responses or Operation.ResponsesCompact or Operation.ResponsesInputTokens => ErrorWire.Responses,
        Operation.Messages or Operation.MessagesCountTokens => ErrorWire.Anthropic,
        Operation.GenerateContent or Operation.GeminiCountTokens or Operation.EmbedContent or Operation.BatchEmbedContents => ErrorWire.Gemini,
        _ => ErrorWire.OpenAI,
    };
}
