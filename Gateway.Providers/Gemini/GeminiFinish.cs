using Gateway.Core.Generation;

namespace Gateway.Providers.Gemini;

/// <summary><c>finishReason</c> and <c>blockReason</c>. Gemini says STOP for tool calls too.</summary>
internal static class GeminiFinish
{
    public static FinishReason Read(string? reason, bool anyCalls) => reason switch
    {
        null or "STOP" or "FINISH_REASON_UNSPECIFIED" => anyCalls ? FinishReason.ToolCalls : FinishReason.Stop,
        "MAX_TOKENS" => FinishReason.Length,
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "MODEL_ARMOR" or "IMAGE_SAFETY"
            or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" or "JAILBREAK" => FinishReason.ContentFilter,
        // MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, LANGUAGE, NO_IMAGE, OTHER, whatever comes next.
        _ => FinishReason.Other,
    };

    /// <param name="raw">The upstream's own word, if the upstream is Gemini.</param>
    public static string Write(FinishReason finish, string? raw) => raw ?? finish switch
    {
        FinishReason.Length => "MAX_TOKENS",
        FinishReason.ContentFilter or FinishReason.Refusal => "SAFETY",
        FinishReason.Other => "OTHER",
        _ => "STOP",
    };
}
