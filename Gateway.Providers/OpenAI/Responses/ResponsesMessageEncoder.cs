using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes the events of one message item: texts and refusals that follow each other are its content.</summary>
internal sealed class ResponsesMessageEncoder(string id, ResponsesOutput items, ResponsesEvents events, ConversionNotes notes)
{
    private readonly int _index = items.NextIndex();
    private readonly List<(bool Refusal, string Text, List<Citation> Citations, List<JsonElement> Logprobs)> _content = [];
    private readonly StringBuilder _text = new();
    private List<Citation> _citations = [];
    private List<JsonElement> _logprobs = [];
    private bool _refusal;

    public void Begin(IBufferWriter<byte> output)
    {
        items.Items.BeginMessage(id, ResponsesItemWriter.InProgress);
        items.Items.EndMessage();
        items.Add(_index, output);
    }

    public void BeginPart(PartKind kind, IBufferWriter<byte> output)
    {
        _refusal = kind == PartKind.Refusal;
        _text.Clear();
        (_citations, _logprobs) = ([], []);
        WritePart("response.content_part.added"u8, output);
    }

    public void Add(string text, IBufferWriter<byte> output)
    {
        _text.Append(text);
        Utf8JsonWriter writer = BeginContent(_refusal ? "response.refusal.delta"u8 : "response.output_text.delta"u8, output);
        writer.WriteString("delta"u8, text);
        if (!_refusal)
        {
            writer.WriteStartArray("logprobs"u8);
            writer.WriteEndArray();
        }
        events.End();
    }

    /// <summary>They come after the text they belong to, which has gone; they are in the events that tell the whole.</summary>
    public void AddLogprobs(JsonElement logprobs) => _logprobs.AddRange(logprobs.Items("content"));

    public void Cite(Citation citation, IBufferWriter<byte> output)
    {
        if (!ResponsesAnnotations.CanWrite(citation, notes))
        {
            return;
        }
        Utf8JsonWriter writer = BeginContent("response.output_text.annotation.added"u8, output);
        writer.WriteNumber("annotation_index"u8, _citations.Count);
        writer.WritePropertyName("annotation"u8);
        ResponsesAnnotations.WriteOne(citation, 0, writer);
        events.End();
        _citations.Add(citation);
    }

    public void EndPart(IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = BeginContent(_refusal ? "response.refusal.done"u8 : "response.output_text.done"u8, output);
        writer.WriteString(_refusal ? "refusal"u8 : "text"u8, _text.ToString());
        if (!_refusal)
        {
            new ResponsesItemWriter(writer, notes).WriteLogprobs(Logprobs(_logprobs));
        }
        events.End();
        WritePart("response.content_part.done"u8, output);
        _content.Add((_refusal, _text.ToString(), _citations, _logprobs));
    }

    public void End(string status, IBufferWriter<byte> output)
    {
        items.Items.BeginMessage(id, status);
        foreach ((bool refusal, string text, List<Citation> citations, List<JsonElement> logprobs) in _content)
        {
            if (refusal)
            {
                items.Items.Refusal(text);
            }
            else
            {
                items.Items.Text(text, citations, Logprobs(logprobs));
            }
        }
        items.Items.EndMessage();
        items.Finish(_index, output);
    }

    private void WritePart(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = BeginContent(type, output);
        writer.WritePropertyName("part"u8);
        var part = new ResponsesItemWriter(writer, notes);
        if (_refusal)
        {
            part.Refusal(_text.ToString());
        }
        else
        {
            part.Text(_text.ToString(), _citations, Logprobs(_logprobs));
        }
        events.End();
    }

    private Utf8JsonWriter BeginContent(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = events.Begin(type, id, _index, output);
        writer.WriteNumber("content_index"u8, _content.Count);
        return writer;
    }

    private static JsonElement Logprobs(List<JsonElement> tokens) => tokens.Count == 0 ? default : ResponsesResponseReader.Wrap(tokens);
}
