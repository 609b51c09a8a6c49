using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Providers.OpenAI.Responses;

/// <summary>Writes the frames of a stream: name, type and number of each event; the caller writes its fields in between.</summary>
internal sealed class ResponsesEvents
{
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private Utf8JsonWriter? _writer;
    private IBufferWriter<byte>? _output;

    /// <summary>The number of the next event.</summary>
    public int Next { get; private set; }

    /// <summary>Begins an event; fields follow, then <see cref="End"/>.</summary>
    public Utf8JsonWriter Begin(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        output.Write("event: "u8);
        output.Write(type);
        output.Write("\ndata: "u8);
        _output = output;
        _writer ??= new Utf8JsonWriter(output, Options);
        _writer.Reset(output);
        _writer.WriteStartObject();
        _writer.WriteString("type"u8, type);
        _writer.WriteNumber("sequence_number"u8, Next++);
        return _writer;
    }

    /// <summary>As <see cref="Begin(ReadOnlySpan{byte}, IBufferWriter{byte})"/>, with the fields that say which item is meant.</summary>
    public Utf8JsonWriter Begin(ReadOnlySpan<byte> type, string itemId, int outputIndex, IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = Begin(type, output);
        writer.WriteString("item_id"u8, itemId);
        writer.WriteNumber("output_index"u8, outputIndex);
        return writer;
    }

    public void End()
    {
        _writer!.WriteEndObject();
        _writer.Flush();
        _output!.Write("\n\n"u8);
    }
}
