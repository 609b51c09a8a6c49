using Gateway.Core.Generation;

namespace Gateway.Providers.OpenAI.Chat;

/// <summary>Chat's <c>finish_reason</c>.</summary>
internal static class ChatFinish
{
    /// <param name="called">There were tool calls, whatever the reason says.</param>
    public static FinishReason Read(string? reason, bool called) => reason switch
    {
        "length" or "model_length" or "max_tokens" => FinishReason.Length,
        "content_filter" => FinishReason.ContentFilter,
        "tool_calls" or "function_call" => FinishReason.ToolCalls,
        _ when called => FinishReason.ToolCalls,
        "stop" or "eos" or "eos_token" or "end_turn" => FinishReason.Stop,
        "stop_sequence" => FinishReason.StopSequence,
        "refusal" => FinishReason.Refusal,
        _ => FinishReason.Other,
    };

    public static string Write(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter or FinishReason.Refusal => "content_filter",
        _ => "stop",
    };
}
