using Gateway.Core.Generation;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Converse's <c>stopReason</c>.</summary>
internal static class ConverseFinish
{
    /// <param name="called">There were tool calls, whatever the reason says.</param>
    public static FinishReason Read(string? reason, bool called) => reason switch
    {
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "guardrail_intervened" or "content_filtered" => FinishReason.ContentFilter,
        _ when called => FinishReason.ToolCalls,
        "end_turn" => FinishReason.Stop,
        "stop_sequence" => FinishReason.StopSequence,
        // A vendor's own tool was called, and nothing is for the caller to do but to send the turn back.
        "tool_use" => FinishReason.Pause,
        _ => FinishReason.Other,
    };

    /// <param name="said">A refusal was said in words: an answer like any other.</param>
    public static string Write(FinishReason reason, bool said) => reason switch
    {
        FinishReason.Refusal when !said => "content_filtered",
        FinishReason.Length => "max_tokens",
        FinishReason.ContentFilter => "content_filtered",
        FinishReason.ToolCalls or FinishReason.Pause => "tool_use",
        FinishReason.StopSequence => "stop_sequence",
        _ => "end_turn",
    };
}
