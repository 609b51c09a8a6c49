using Gateway.Core.Catalog;

namespace Gateway.Web.Administration.Transcoding;

/// <summary>Where a request of each wire is sent, below the base URL of a server that speaks it.</summary>
internal static class WirePath
{
    public static string Of(Wire wire, string model, bool stream)
    {
        string name = Uri.EscapeDataString(model);
        return wire switch
        {
            Wire.OpenAIChat => "/v1/chat/completions",
            Wire.OpenAIResponses => "/v1/responses",
            Wire.AnthropicMessages => "/v1/messages",
            Wire.Gemini => stream ? $"/v1beta/models/{name}:streamGenerateContent?alt=sse" : $"/v1beta/models/{name}:generateContent",
            Wire.BedrockConverse => $"/model/{name}/{(stream ? "converse-stream" : "converse")}",
            _ => "/v2/chat",
        };
    }

    /// <summary>The path names the model, and whether to stream; the body does not.</summary>
    public static bool HoldsModel(Wire wire) => wire is Wire.Gemini or Wire.BedrockConverse;
}
