using System.Buffers;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;

namespace Gateway.Core.Failover.Guarded;

/// <summary>Anthropic Messages: the open block ends, and the message with <c>stop_reason</c> <c>refusal</c>.</summary>
internal sealed class MessagesCut : StreamCut
{
    private int? _open;

    public override void Note(JsonElement sent)
    {
        switch (sent.Text("type"))
        {
            case "content_block_start":
                _open = sent.Whole32("index") ?? 0;
                break;
            case "content_block_stop":
                _open = null;
                break;
        }
    }

    public override void Write(IBufferWriter<byte> output, JsonElement last, Usage used)
    {
        if (_open is { } index)
        {
            WriteEvent(output, "event: content_block_stop\ndata: "u8, json =>
            {
                json.WriteString("type", "content_block_stop");
                json.WriteNumber("index", index);
            }, "\n\n"u8);
        }
        WriteEvent(output, "event: message_delta\ndata: "u8, json =>
        {
            json.WriteString("type", "message_delta");
            json.WriteStartObject("delta");
            json.WriteString("stop_reason", "refusal");
            json.WriteNull("stop_sequence");
            json.WriteEndObject();
            json.WriteStartObject("usage");
            json.WriteNumber("output_tokens", used.OutputTokens);
            json.WriteEndObject();
        }, "\n\n"u8);
        WriteEvent(output, "event: message_stop\ndata: "u8, json => json.WriteString("type", "message_stop"), "\n\n"u8);
    }
}
