using System.Buffers;
using System.Text.Json;
using Gateway.Core.Generation.Conversion;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>The output of a streamed answer as it grows: each whole item is kept as JSON, for the stream's last event repeats them all.</summary>
internal sealed class ResponsesOutput(ResponsesEvents events, ConversionNotes notes)
{
    private readonly SortedDictionary<int, byte[]> _whole = [];
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private Utf8JsonWriter? _writer;
    private ResponsesItemWriter? _items;
    private int _next;

    /// <summary>Write an item with it, then call <see cref="Add"/> or <see cref="Finish"/>.</summary>
    public ResponsesItemWriter Items => _items ??= new ResponsesItemWriter(Raw, notes);

    /// <summary>For an item that is copied as it is.</summary>
    public Utf8JsonWriter Raw => _writer ??= new Utf8JsonWriter(_scratch, ResponsesEvents.Options);

    public int NextIndex() => _next++;

    /// <summary>Tells of an item that begins.</summary>
    public void Add(int index, IBufferWriter<byte> output) => Tell("response.output_item.added"u8, index, Take(), output);

    /// <summary>Tells of an item that is whole, and keeps it.</summary>
    public void Finish(int index, IBufferWriter<byte> output)
    {
        byte[] item = Take();
        _whole[index] = item;
        Tell("response.output_item.done"u8, index, item, output);
    }

    /// <summary>Writes all whole items as an array.</summary>
    public void WriteAll(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (byte[] item in _whole.Values)
        {
            writer.WriteRawValue(item, skipInputValidation: true);
        }
        writer.WriteEndArray();
    }

    private void Tell(ReadOnlySpan<byte> type, int index, byte[] item, IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = events.Begin(type, output);
        writer.WriteNumber("output_index"u8, index);
        writer.WritePropertyName("item"u8);
        writer.WriteRawValue(item, skipInputValidation: true);
        events.End();
    }

    private byte[] Take()
    {
        Raw.Flush();
        byte[] item = _scratch.WrittenSpan.ToArray();
        _scratch.ResetWrittenCount();
        Raw.Reset();
        return item;
    }
}
