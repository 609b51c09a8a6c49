using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;

namespace Gateway.Providers.Cohere.Chat;

/// <summary>Writes a chat stream.</summary>
internal sealed class CohereStreamEncoder(ResponseContext context, ConversionNotes notes) : StreamEncoder
{
    private readonly ArrayBufferWriter<byte> _payload = new(256);
    private readonly HashSet<int> _lost = [];
    private readonly Dictionary<int, int> _calls = [];
    private string _finish = "COMPLETE";
    private Usage _usage;
    private bool _refused;

    /// <inheritdoc/>
    public override void Write(in StreamEvent next, IBufferWriter<byte> output)
    {
        if (next.Choice > 0)
        {
            notes.Lose("choices", "Cohere has one answer only.");
            return;
        }
        switch (next.Kind)
        {
            case StreamEventKind.Start:
                WriteStart(next.Id, output);
                break;
            case StreamEventKind.PartStart:
                StartPart(next, output);
                break;
            case StreamEventKind.Delta when !_lost.Contains(next.Part):
                WriteDelta(next, output);
                break;
            case StreamEventKind.Signature:
                notes.Lose("signature", "A stream of Cohere's has no place for signatures.");
                break;
            case StreamEventKind.Citation:
                WriteCitation(next, output);
                break;
            case StreamEventKind.Media:
                notes.Lose("part:media", "A stream of Cohere's carries no pictures and no sound.");
                break;
            case StreamEventKind.Logprobs:
                notes.Lose("logprobs", "Cohere's log probabilities have a shape of their own.");
                break;
            case StreamEventKind.PartEnd when !_lost.Contains(next.Part):
                Send(next.PartKind == PartKind.ToolCall ? "tool-call-end" : "content-end", IndexOf(next), output, null);
                break;
            case StreamEventKind.Finish:
                _finish = context.Origin == Wire.CohereChat && next.Name is { } raw ? raw : CohereFinish.Write(next.Finish, _refused);
                break;
            case StreamEventKind.Usage:
                _usage = next.Usage;
                break;
            case StreamEventKind.End:
                WriteEnd(output);
                break;
        }
    }

    private void WriteStart(string? id, IBufferWriter<byte> output)
    {
        string own = context.Origin == Wire.CohereChat && id is not null ? id : context.NewId("");
        Begin("message-start", output, w =>
        {
            w.WriteString("id", own);
            w.WriteStartObject("delta");
            w.WriteStartObject("message");
            w.WriteString("role", "assistant");
            w.WriteStartArray("content");
            w.WriteEndArray();
            w.WriteString("tool_plan", "");
            w.WriteStartArray("tool_calls");
            w.WriteEndArray();
            w.WriteStartArray("citations");
            w.WriteEndArray();
            w.WriteEndObject();
            w.WriteEndObject();
        });
    }

    private void StartPart(in StreamEvent next, IBufferWriter<byte> output)
    {
        _refused |= next.PartKind == PartKind.Refusal;
        switch (next.PartKind)
        {
            case PartKind.ToolCall:
                _calls[next.Part] = _calls.Count;
                if (next.Text is not null)
                {
                    notes.Lose("signature", "A stream of Cohere's has no place for signatures.");
                }
                (string id, string name) = (next.Id ?? "", next.Name ?? "");
                Send("tool-call-start", IndexOf(next), output, w =>
                {
                    w.WritePropertyName("tool_calls");
                    CohereMessageWriter.WriteCall(w, id, name, "");
                });
                break;
            // The words of a sound are sent as text.
            case PartKind.Text or PartKind.Refusal or PartKind.Reasoning or PartKind.Media:
                string kind = next.PartKind == PartKind.Reasoning ? "thinking" : "text";
                Send("content-start", IndexOf(next), output, w =>
                {
                    w.WriteStartObject("content");
                    w.WriteString("type", kind);
                    w.WriteString(kind, "");
                    w.WriteEndObject();
                });
                break;
            default:
                _lost.Add(next.Part);
                notes.Lose("part:" + (next.Name ?? "media"), "A stream of Cohere's has no such part.");
                break;
        }
    }

    private void WriteDelta(in StreamEvent next, IBufferWriter<byte> output)
    {
        string text = next.Text ?? "";
        if (next.PartKind == PartKind.ToolCall)
        {
            Send("tool-call-delta", IndexOf(next), output, w =>
            {
                w.WriteStartObject("tool_calls");
                w.WriteStartObject("function");
                w.WriteString("arguments", text);
                w.WriteEndObject();
                w.WriteEndObject();
            });
            return;
        }
        string kind = next.PartKind == PartKind.Reasoning ? "thinking" : "text";
        Send("content-delta", IndexOf(next), output, w =>
        {
            w.WriteStartObject("content");
            w.WriteString(kind, text);
            w.WriteEndObject();
        });
    }

    private void WriteCitation(in StreamEvent next, IBufferWriter<byte> output)
    {
        if (next.Citation?.Raw is not { Wire: Wire.CohereChat } raw)
        {
            notes.Lose("citations", "Cohere cites documents and tools of the request only.");
            return;
        }
        Send("citation-start", IndexOf(next), output, w =>
        {
            w.WritePropertyName("citations");
            raw.Json.WriteTo(w);
        });
        Send("citation-end", IndexOf(next), output, null);
    }

    private void WriteEnd(IBufferWriter<byte> output) => Begin("message-end", output, w =>
    {
        w.WriteStartObject("delta");
        w.WriteString("finish_reason", _finish);
        if (_usage.Source != UsageSource.None)
        {
            CohereUsage.Write(w, _usage);
        }
        w.WriteEndObject();
    });

    // Contents and calls are counted apart.
    private int IndexOf(in StreamEvent next) => _calls.TryGetValue(next.Part, out int call) ? call : next.Part;

    private void Send(string type, int index, IBufferWriter<byte> output, Action<Utf8JsonWriter>? message) => Begin(type, output, w =>
    {
        w.WriteNumber("index", index);
        if (message is not null)
        {
            w.WriteStartObject("delta");
            w.WriteStartObject("message");
            message(w);
            w.WriteEndObject();
            w.WriteEndObject();
        }
    });

    private void Begin(string type, IBufferWriter<byte> output, Action<Utf8JsonWriter> members)
    {
        _payload.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_payload, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            members(writer);
            writer.WriteEndObject();
        }
        output.Write("event: "u8);
        output.Write(System.Text.Encoding.UTF8.GetBytes(type));
        output.Write("\ndata: "u8);
        output.Write(_payload.WrittenSpan);
        output.Write("\n\n"u8);
    }
}
