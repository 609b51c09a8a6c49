using System.Buffers;
using System.Text;
using Gateway.Core.Generation.Parts;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes the events of one tool call.</summary>
/// <param name="id">A fresh id for the item.</param>
/// <param name="tool">As the request names the one that is called. A custom one's input is text, known when the arguments are whole.</param>
internal sealed class ResponsesCallEncoder(string id, ToolCallPart call, ResponsesToolName tool, ResponsesOutput items, ResponsesEvents events)
{
    private readonly StringBuilder _arguments = new();
    private int _index = -1;

    public void Begin(IBufferWriter<byte> output)
    {
        if (!tool.Custom)
        {
            Announce(output);
        }
    }

    public void Add(string text, IBufferWriter<byte> output)
    {
        _arguments.Append(text);
        if (!tool.Custom)
        {
            events.Begin("response.function_call_arguments.delta"u8, id, _index, output).WriteString("delta"u8, text);
            events.End();
        }
    }

    public void End(IBufferWriter<byte> output)
    {
        string arguments = _arguments.Length == 0 ? "{}" : _arguments.ToString();
        if (tool.Custom)
        {
            Announce(output);
            WriteWhole("response.custom_tool_call_input.delta"u8, "delta"u8, ResponsesItemReader.InputOf(arguments), output);
            WriteWhole("response.custom_tool_call_input.done"u8, "input"u8, ResponsesItemReader.InputOf(arguments), output);
        }
        else
        {
            if (_arguments.Length == 0)
            {
                WriteWhole("response.function_call_arguments.delta"u8, "delta"u8, arguments, output);
            }
            System.Text.Json.Utf8JsonWriter writer = events.Begin("response.function_call_arguments.done"u8, id, _index, output);
            writer.WriteString("name"u8, tool.Name);
            writer.WriteString("arguments"u8, arguments);
            events.End();
        }
        items.Items.Call(id, call with { ArgumentsJson = arguments }, tool, ResponsesItemWriter.Completed);
        items.Finish(_index, output);
    }

    private void Announce(IBufferWriter<byte> output)
    {
        _index = items.NextIndex();
        items.Items.Call(id, call with { ArgumentsJson = "" }, tool, ResponsesItemWriter.InProgress);
        items.Add(_index, output);
    }

    private void WriteWhole(ReadOnlySpan<byte> type, ReadOnlySpan<byte> field, string text, IBufferWriter<byte> output)
    {
        events.Begin(type, id, _index, output).WriteString(field, text);
        events.End();
    }
}
