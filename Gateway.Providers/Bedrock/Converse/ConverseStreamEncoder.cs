using System.Buffers;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Generation.Conversion;
using Gateway.Core.Generation.Streaming;
using Gateway.Providers.Bedrock.EventStream;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>Writes a ConverseStream. Every part is a block of its own.</summary>
internal sealed class ConverseStreamEncoder(ResponseContext context, ConversionNotes notes) : StreamEncoder
{
    private readonly ArrayBufferWriter<byte> _payload = new(256);
    private readonly HashSet<int> _lost = [];
    private Usage _usage;
    private bool _refused;

    /// <inheritdoc/>
    public override string ContentType => "application/vnd.amazon.eventstream";

    /// <inheritdoc/>
    public override void Write(in StreamEvent next, IBufferWriter<byte> output)
    {
        if (next.Choice > 0)
        {
            notes.Lose("choices", "Converse has one answer only.");
            return;
        }
        switch (next.Kind)
        {
            case StreamEventKind.Start:
                Send("messageStart"u8, output, static w => w.WriteString("role", "assistant"));
                break;
            case StreamEventKind.PartStart:
                StartBlock(next, output);
                break;
            case StreamEventKind.Delta or StreamEventKind.Signature or StreamEventKind.Citation when !_lost.Contains(next.Part):
                WriteDelta(next, output);
                break;
            case StreamEventKind.Media:
                // The words of a sound are sent as text.
                notes.Lose("part:media", "A ConverseStream carries no pictures and no sound.");
                break;
            case StreamEventKind.Logprobs:
                notes.Lose("logprobs", "Converse has no log probabilities.");
                break;
            case StreamEventKind.PartEnd when !_lost.Contains(next.Part):
                int part = next.Part;
                Send("contentBlockStop"u8, output, w => w.WriteNumber("contentBlockIndex", part));
                break;
            case StreamEventKind.Finish:
                string reason = context.Origin == Wire.BedrockConverse && next.Name is { } raw ? raw : ConverseFinish.Write(next.Finish, _refused);
                Send("messageStop"u8, output, w => w.WriteString("stopReason", reason));
                break;
            case StreamEventKind.Usage:
                _usage = next.Usage;
                break;
            case StreamEventKind.End:
                Send("metadata"u8, output, w =>
                {
                    if (_usage.Source != UsageSource.None)
                    {
                        ConverseUsage.Write(w, _usage);
                    }
                    w.WriteStartObject("metrics");
                    w.WriteNumber("latencyMs", 0);
                    w.WriteEndObject();
                });
                break;
        }
    }

    private void StartBlock(in StreamEvent next, IBufferWriter<byte> output)
    {
        (int part, string? id, string? name, JsonElement json) = (next.Part, next.Id, next.Name, next.Json);
        _refused |= next.PartKind == PartKind.Refusal;
        switch (next.PartKind)
        {
            case PartKind.ToolCall:
                if (next.Text is not null)
                {
                    notes.Lose("signature", "A signature on text or a call means nothing here.");
                }
                Send("contentBlockStart"u8, output, w =>
                {
                    w.WriteNumber("contentBlockIndex", part);
                    w.WriteStartObject("start");
                    w.WriteStartObject("toolUse");
                    w.WriteString("toolUseId", id ?? "");
                    w.WriteString("name", name ?? "");
                    w.WriteEndObject();
                    w.WriteEndObject();
                });
                break;
            case PartKind.Opaque when context.Origin == Wire.BedrockConverse:
                WriteOpaque(part, json, output);
                break;
            case PartKind.Opaque:
                _lost.Add(part);
                notes.Lose("part:" + name, "A ConverseStream has no such part.");
                break;
        }
    }

    private void WriteDelta(in StreamEvent next, IBufferWriter<byte> output)
    {
        StreamEvent delta = next;
        if (delta.Kind == StreamEventKind.Signature && delta.PartKind != PartKind.Reasoning)
        {
            notes.Lose("signature", "A signature on text or a call means nothing here.");
            return;
        }
        if (delta.Kind == StreamEventKind.Citation && delta.Citation?.Raw?.Wire != Wire.BedrockConverse)
        {
            notes.Lose("citations", "Bedrock cites documents of the request only.");
            return;
        }
        Send("contentBlockDelta"u8, output, w =>
        {
            w.WriteNumber("contentBlockIndex", delta.Part);
            w.WriteStartObject("delta");
            WriteDelta(w, delta);
            w.WriteEndObject();
        });
    }

    private void WriteDelta(Utf8JsonWriter writer, in StreamEvent delta)
    {
        switch (delta.Kind)
        {
            case StreamEventKind.Citation:
                writer.WritePropertyName("citation");
                delta.Citation!.Raw!.Json.WriteTo(writer);
                break;
            case StreamEventKind.Signature:
                string signature = ForeignSignature.Wrap(context.Origin, Wire.BedrockConverse, delta.Text ?? "");
                WriteIn(writer, "reasoningContent", delta.Name == StreamEvent.Redacted ? "redactedContent" : "signature", signature);
                break;
            case var _ when delta.PartKind == PartKind.ToolCall:
                WriteIn(writer, "toolUse", "input", delta.Text);
                break;
            case var _ when delta.PartKind == PartKind.Reasoning:
                WriteIn(writer, "reasoningContent", "text", delta.Text);
                break;
            default:
                writer.WriteString("text", delta.Text);
                break;
        }
    }

    private void WriteOpaque(int part, JsonElement json, IBufferWriter<byte> output)
    {
        JsonProperty block = json.EnumerateObject().First(p => p.Name != "type");
        bool isCall = block.Name == "toolUse";
        Send("contentBlockStart"u8, output, w =>
        {
            w.WriteNumber("contentBlockIndex", part);
            w.WriteStartObject("start");
            w.WriteStartObject(block.Name);
            foreach (JsonProperty property in block.Value.EnumerateObject().Where(p => p.Name is not ("input" or "content")))
            {
                property.WriteTo(w);
            }
            w.WriteEndObject();
            w.WriteEndObject();
        });
        Send("contentBlockDelta"u8, output, w =>
        {
            w.WriteNumber("contentBlockIndex", part);
            w.WriteStartObject("delta");
            if (isCall)
            {
                WriteIn(w, "toolUse", "input", block.Value.Has("input", out JsonElement input) ? input.GetRawText() : "{}");
            }
            else
            {
                w.WritePropertyName("toolResult");
                block.Value.GetProperty("content").WriteTo(w);
            }
            w.WriteEndObject();
        });
    }

    private static void WriteIn(Utf8JsonWriter writer, string holder, string name, string? text)
    {
        writer.WriteStartObject(holder);
        writer.WriteString(name, text);
        writer.WriteEndObject();
    }

    private void Send(ReadOnlySpan<byte> name, IBufferWriter<byte> output, Action<Utf8JsonWriter> members)
    {
        _payload.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_payload, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        EventStreamWriter.WriteEvent(name, _payload.WrittenSpan, output);
    }
}
