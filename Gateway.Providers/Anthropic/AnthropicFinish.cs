using Gateway.Core.Generation;

namespace Gateway.Providers.Anthropic;

/// <summary><c>stop_reason</c>.</summary>
internal static class AnthropicFinish
{
    public static FinishReason Read(string? reason, bool anyCalls) => reason switch
    {
        "end_turn" or "tool_use" or "stop_sequence" when anyCalls => FinishReason.ToolCalls,
        "end_turn" => FinishReason.Stop,
        "stop_sequence" => FinishReason.StopSequence,
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "tool_use" => FinishReason.ToolCalls,
        "pause_turn" => FinishReason.Pause,
        "refusal" => FinishReason.Refusal,
        _ => FinishReason.Other,
    };

    public static string Write(FinishReason reason) => reason switch
    {
        FinishReason.StopSequence => "stop_sequence",
        FinishReason.Length => "max_tokens",
        FinishReason.ToolCalls => "tool_use",
        FinishReason.ContentFilter or FinishReason.Refusal => "refusal",
        FinishReason.Pause => "pause_turn",
        _ => "end_turn",
    };
}
