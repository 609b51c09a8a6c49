using Gateway.Core.Generation;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Cohere's <c>finish_reason</c>.</summary>
internal static class CohereFinish
{
    /// <summary>The answer is none: it broke off in the upstream.</summary>
    public static bool Failed(string? reason) => reason is "ERROR" or "TIMEOUT";

    /// <param name="called">There were tool calls, whatever the reason says.</param>
    public static FinishReason Read(string? reason, bool called) => reason switch
    {
        "MAX_TOKENS" => FinishReason.Length,
        _ when called => FinishReason.ToolCalls,
        "COMPLETE" => FinishReason.Stop,
        "STOP_SEQUENCE" => FinishReason.StopSequence,
        "TOOL_CALL" => FinishReason.ToolCalls,
        "ERROR_TOXIC" => FinishReason.ContentFilter,
        _ => FinishReason.Other,
    };

    /// <param name="said">A refusal was said in words: an answer like any other.</param>
    public static string Write(FinishReason reason, bool said) => reason switch
    {
        FinishReason.Refusal when !said => "ERROR_TOXIC",
        FinishReason.Length => "MAX_TOKENS",
        FinishReason.StopSequence => "STOP_SEQUENCE",
        FinishReason.ToolCalls => "TOOL_CALL",
        FinishReason.ContentFilter => "ERROR_TOXIC",
        _ => "COMPLETE",
    };
}
