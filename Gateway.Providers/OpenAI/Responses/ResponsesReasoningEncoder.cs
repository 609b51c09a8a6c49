using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes the events of one reasoning item; thoughts are told as a summary, which is what clients of this wire show.</summary>
internal sealed class ResponsesReasoningEncoder(string id, ResponsesOutput items, ResponsesEvents events)
{
    private readonly int _index = items.NextIndex();
    private readonly StringBuilder _text = new();

    /// <summary>As the client is to get it; null for none.</summary>
    public string? Signature { get; set; }

    public void Begin(IBufferWriter<byte> output)
    {
        items.Items.Reasoning(id, "", null);
        items.Add(_index, output);
    }

    public void Add(string text, IBufferWriter<byte> output)
    {
        if (_text.Length == 0)
        {
            WritePart("response.reasoning_summary_part.added"u8, output);
        }
        _text.Append(text);
        BeginSummary("response.reasoning_summary_text.delta"u8, output).WriteString("delta"u8, text);
        events.End();
    }

    public void End(IBufferWriter<byte> output)
    {
        string text = _text.ToString();
        if (text.Length > 0)
        {
            BeginSummary("response.reasoning_summary_text.done"u8, output).WriteString("text"u8, text);
            events.End();
            WritePart("response.reasoning_summary_part.done"u8, output);
        }
        items.Items.Reasoning(id, text, Signature);
        items.Finish(_index, output);
    }

    private void WritePart(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = BeginSummary(type, output);
        writer.WriteStartObject("part"u8);
        writer.WriteString("type"u8, "summary_text"u8);
        writer.WriteString("text"u8, _text.ToString());
        writer.WriteEndObject();
        events.End();
    }

    private Utf8JsonWriter BeginSummary(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = events.Begin(type, id, _index, output);
        writer.WriteNumber("summary_index"u8, 0);
        return writer;
    }
}
