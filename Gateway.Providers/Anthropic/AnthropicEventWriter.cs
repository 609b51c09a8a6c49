using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Parts;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Anthropic;

/// <summary>Writes the events of a Messages stream, one part after the other.</summary>
internal sealed class AnthropicEventWriter(ResponseContext context, ConversionNotes notes)
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Utf8JsonWriter _json = Create();
    private string? _signature;
    private int _index;
    private bool _inBlock;
    private bool _unsigned;

    public void Start(in StreamEvent start, Usage usage, IBufferWriter<byte> output)
    {
        Begin("message_start", output);
        _json.WriteStartObject("message");
        _json.WriteString("id", context.Origin == Wire.AnthropicMessages && start.Id is not null ? start.Id : context.NewId("msg_"));
        _json.WriteString("type", "message");
        _json.WriteString("role", "assistant");
        _json.WriteString("model", context.Model);
        _json.WriteStartArray("content");
        _json.WriteEndArray();
        WriteNulls("stop_reason", "stop_sequence", "stop_details", "container", "diagnostics");
        AnthropicUsage.Write(_json, usage, null, null);
        _json.WriteEndObject();
        End(output);
        Begin("ping", output);
        End(output);
    }

    public void End(string reason, string? stopSequence, Usage usage, IBufferWriter<byte> output)
    {
        Begin("message_delta", output);
        _json.WriteStartObject("delta");
        _json.WriteString("stop_reason", reason);
        _json.WriteString("stop_sequence", stopSequence);
        if (reason == "refusal")
        {
            _json.WriteStartObject("stop_details");
            _json.WriteString("type", "refusal");
            WriteNulls("category", "explanation");
            _json.WriteEndObject();
        }
        else
        {
            WriteNulls("stop_details");
        }
        WriteNulls("container");
        _json.WriteEndObject();
        _json.WriteStartObject("usage");
        AnthropicUsage.WriteCounts(_json, usage);
        _json.WriteEndObject();
        End(output);
        Begin("message_stop", output);
        End(output);
    }

    public void Write(in StreamEvent next, IBufferWriter<byte> output)
    {
        switch (next.Kind)
        {
            case StreamEventKind.PartStart:
                StartPart(next, output);
                break;
            case StreamEventKind.Delta when !string.IsNullOrEmpty(next.Text):
                WriteDelta(next, output);
                break;
            case StreamEventKind.Signature:
                WriteSignature(next, output);
                break;
            case StreamEventKind.Citation when _inBlock && AnthropicAnswerBlock.CanWrite(next.Citation!, notes):
                BeginDelta("citations_delta", output);
                _json.WritePropertyName("citation");
                AnthropicCitations.Write(_json, next.Citation!);
                EndDelta(output);
                break;
            case StreamEventKind.Media:
                notes.Lose(AnthropicAnswerBlock.NameOf(MediaKindOf(next.Name)), "An Anthropic answer carries no media.");
                break;
            case StreamEventKind.PartEnd:
                EndPart(output);
                break;
        }
    }

    private void StartPart(in StreamEvent next, IBufferWriter<byte> output)
    {
        switch (next.PartKind)
        {
            case PartKind.Text or PartKind.Refusal:
                StartText(output);
                break;
            case PartKind.Reasoning when next.Name != StreamEvent.Redacted:
                BeginBlock("thinking", output);
                _json.WriteString("thinking", "");
                _json.WriteString("signature", "");
                EndDelta(output);
                _unsigned = context.Origin is not (null or Wire.AnthropicMessages);
                break;
            case PartKind.ToolCall:
                BeginBlock(null, output);
                AnthropicAnswerBlock.WriteCallHead(_json, SignedCallId.Write(next.Id ?? context.NewId("toolu_"), next.Text), next.Name ?? "");
                _json.WriteStartObject("input");
                _json.WriteEndObject();
                EndDelta(output);
                break;
            case PartKind.Opaque when context.Origin == Wire.AnthropicMessages:
                WriteOpaque(next.Json, output);
                break;
            case PartKind.Opaque:
                notes.Lose("part:" + next.Name, "An Anthropic stream has no such part.");
                break;
        }
    }

    private static MediaKind MediaKindOf(string? mediaType) =>
        mediaType?.Split('/')[0] switch { "image" => MediaKind.Image, "audio" => MediaKind.Audio, "video" => MediaKind.Video, _ => MediaKind.Document };

    private void StartText(IBufferWriter<byte> output)
    {
        BeginBlock("text", output);
        _json.WriteString("text", "");
        EndDelta(output);
    }

    private void WriteDelta(in StreamEvent next, IBufferWriter<byte> output)
    {
        (string type, string field) = next.PartKind switch
        {
            PartKind.Reasoning => ("thinking_delta", "thinking"),
            PartKind.ToolCall => ("input_json_delta", "partial_json"),
            _ => ("text_delta", "text"),
        };
        if (!_inBlock)
        {
            // The words of a sound, or thoughts in the clear after a part that was to be encrypted.
            StartText(output);
            (type, field) = ("text_delta", "text");
        }
        BeginDelta(type, output);
        _json.WriteString(field, next.Text);
        EndDelta(output);
    }

    private void WriteSignature(in StreamEvent next, IBufferWriter<byte> output)
    {
        string signature = next.Text ?? "";
        if (next.PartKind != PartKind.Reasoning)
        {
            _signature = signature;
        }
        else if (_inBlock)
        {
            WriteSignatureDelta(signature, output);
        }
        else
        {
            BeginBlock("redacted_thinking", output);
            _json.WriteString("data", ForeignSignature.Wrap(context.Origin, Wire.AnthropicMessages, signature));
            EndDelta(output);
        }
    }

    private void WriteSignatureDelta(string signature, IBufferWriter<byte> output)
    {
        _unsigned = false;
        BeginDelta("signature_delta", output);
        _json.WriteString("signature", ForeignSignature.Wrap(context.Origin, Wire.AnthropicMessages, signature));
        EndDelta(output);
    }

    private void WriteOpaque(JsonElement block, IBufferWriter<byte> output)
    {
        BeginBlock(null, output);
        foreach (JsonProperty property in block.EnumerateObject())
        {
            property.WriteTo(_json);
        }
        EndDelta(output);
    }

    private void EndPart(IBufferWriter<byte> output)
    {
        if (_unsigned)
        {
            // Said even of thoughts that nobody signed: they must not come to Anthropic as its own.
            WriteSignatureDelta("", output);
        }
        EndBlock(output);
        if (_signature is { } signature)
        {
            _signature = null;
            BeginBlock("redacted_thinking", output);
            _json.WriteString("data", AnthropicPartSignature.ToData(signature));
            EndDelta(output);
            EndBlock(output);
        }
    }

    private void EndBlock(IBufferWriter<byte> output)
    {
        if (_inBlock)
        {
            _inBlock = false;
            Begin("content_block_stop", output);
            _json.WriteNumber("index", _index++);
            End(output);
        }
    }

    /// <param name="type">Null where the caller writes it.</param>
    private void BeginBlock(string? type, IBufferWriter<byte> output)
    {
        _inBlock = true;
        Begin("content_block_start", output);
        _json.WriteNumber("index", _index);
        _json.WriteStartObject("content_block");
        if (type is not null)
        {
            _json.WriteString("type", type);
        }
    }

    private void BeginDelta(string type, IBufferWriter<byte> output)
    {
        Begin("content_block_delta", output);
        _json.WriteNumber("index", _index);
        _json.WriteStartObject("delta");
        _json.WriteString("type", type);
    }

    private void EndDelta(IBufferWriter<byte> output)
    {
        _json.WriteEndObject();
        End(output);
    }

    private void Begin(string type, IBufferWriter<byte> output)
    {
        output.Write("event: "u8);
        Encoding.UTF8.GetBytes(type, output);
        output.Write("\ndata: "u8);
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("type", type);
    }

    private void End(IBufferWriter<byte> output)
    {
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n\n"u8);
    }

    // Over nothing until the first event gives it its output; it holds nothing that would have to be freed.
    private static Utf8JsonWriter Create() => new(Stream.Null, Readable);

    private void WriteNulls(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            _json.WriteNull(name);
        }
    }
}
