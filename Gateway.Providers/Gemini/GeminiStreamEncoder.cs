using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Gemini;

/// <summary>Writes a stream of partial answers, as events with CRLF as Google does, or as one JSON array.</summary>
internal sealed class GeminiStreamEncoder(ResponseContext context, ConversionNotes notes) : StreamEncoder
{
    // Readable quotes and accents: the answer is JSON by its content type, never part of a page.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SortedDictionary<int, GeminiChoiceEncoder> _choices = [];
    private Utf8JsonWriter? _writer;
    private string? _id;
    private Usage _usage;
    private bool _begun;

    /// <inheritdoc/>
    public override string ContentType => context.StreamAsJsonArray ? "application/json; charset=utf-8" : base.ContentType;

    /// <inheritdoc/>
    public override void Write(in StreamEvent next, IBufferWriter<byte> output)
    {
        switch (next.Kind)
        {
            case StreamEventKind.Start:
                _id = context.Origin == Wire.Gemini ? next.Id : null;
                break;
            case StreamEventKind.Usage:
                _usage = next.Usage;
                break;
            case StreamEventKind.End:
                WriteEnd(output);
                break;
            case StreamEventKind.Error:
                break;
            default:
                WriteParts(next, output);
                break;
        }
    }

    private void WriteParts(in StreamEvent next, IBufferWriter<byte> output)
    {
        GeminiChoiceEncoder choice = ChoiceOf(next.Choice);
        if (!choice.Take(next))
        {
            return;
        }
        Utf8JsonWriter writer = Begin(output);
        writer.WriteStartArray("candidates");
        writer.WriteStartObject();
        writer.WriteStartObject("content");
        writer.WriteStartArray("parts");
        choice.WriteParts(next, writer);
        writer.WriteEndArray();
        writer.WriteString("role", "model");
        writer.WriteEndObject();
        writer.WriteNumber("index", next.Choice);
        if (next.Kind == StreamEventKind.Logprobs)
        {
            GeminiLogprobs.Write(next.Json, writer);
        }
        writer.WriteEndObject();
        writer.WriteEndArray();
        End(output);
    }

    private void WriteEnd(IBufferWriter<byte> output)
    {
        Utf8JsonWriter writer = Begin(output);
        writer.WriteStartArray("candidates");
        foreach ((int index, GeminiChoiceEncoder choice) in _choices)
        {
            writer.WriteStartObject();
            choice.WriteFinish(writer);
            writer.WriteNumber("index", index);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        GeminiUsage.Write(_usage, writer);
        End(output);
        if (context.StreamAsJsonArray)
        {
            output.Write("]"u8);
        }
    }

    private GeminiChoiceEncoder ChoiceOf(int index)
    {
        if (!_choices.TryGetValue(index, out GeminiChoiceEncoder? choice))
        {
            _choices.Add(index, choice = new GeminiChoiceEncoder(context.Origin, notes));
        }
        return choice;
    }

    private Utf8JsonWriter Begin(IBufferWriter<byte> output)
    {
        output.Write(!context.StreamAsJsonArray ? "data: "u8 : _begun ? ",\r\n"u8 : "["u8);
        _begun = true;
        _id ??= context.NewId("");
        _writer ??= new Utf8JsonWriter(output, Plain);
        _writer.Reset(output);
        _writer.WriteStartObject();
        return _writer;
    }

    private void End(IBufferWriter<byte> output)
    {
        _writer!.WriteString("modelVersion", context.Model);
        _writer.WriteString("responseId", _id);
        _writer.WriteEndObject();
        _writer.Flush();
        if (!context.StreamAsJsonArray)
        {
            output.Write("\r\n\r\n"u8);
        }
    }
}
