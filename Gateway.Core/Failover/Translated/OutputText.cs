using System.Text;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Parts;

namespace Gateway.Core.Failover.Translated;

/// <summary>Measures an answer's text for estimates, and names its end for the records, which use Chat's words.</summary>
internal static class OutputText
{
    public static void Measure(Part part, ref OutputMeasure measure)
    {
        switch (part)
        {
            case TextPart text:
                Measure(text.Text, ref measure);
                break;
            case ReasoningPart thought:
                Measure(thought.Text, ref measure);
                break;
            case RefusalPart refusal:
                Measure(refusal.Text, ref measure);
                break;
            case ToolCallPart call:
                measure.AddToolCall();
                Measure(call.Name, ref measure);
                Measure(call.ArgumentsJson, ref measure);
                break;
        }
    }

    public static void Measure(string? text, ref OutputMeasure measure)
    {
        if (!string.IsNullOrEmpty(text))
        {
            measure.Add(Encoding.UTF8.GetBytes(text));
        }
    }

    public static string NameOf(FinishReason reason) => reason switch
    {
        FinishReason.Stop or FinishReason.StopSequence => "stop",
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter => "content_filter",
        FinishReason.Refusal => "refusal",
        FinishReason.Pause => "pause_turn",
        _ => "other",
    };
}
