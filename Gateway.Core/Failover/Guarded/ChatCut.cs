using System.Buffers;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Catalog;
using Gateway.Core.Generation;
using Gateway.Core.Relay;

namespace Gateway.Core.Failover.Guarded;

/// <summary>Chat and text completions: <c>finish_reason</c> <c>content_filter</c> for every choice, the usage chunk if it was asked for, <c>[DONE]</c>.</summary>
internal sealed class ChatCut(RequestEnvelope envelope) : StreamCut
{
    private readonly OpenChoices _choices = new();

    public override void Note(JsonElement sent)
    {
        foreach (JsonElement choice in sent.Items("choices"))
        {
            _choices.Note(choice.Whole32("index") ?? 0, choice.Text("finish_reason") is not null);
        }
    }

    public override void Write(IBufferWriter<byte> output, JsonElement last, Usage used)
    {
        foreach (int choice in _choices.Open)
        {
            WriteEvent(output, "data: "u8, json => WriteFinish(json, last, choice), "\n\n"u8);
        }
        if (envelope.UsageChunkWanted)
        {
            WriteEvent(output, "data: "u8, json => WriteUsage(json, last, used), "\n\n"u8);
        }
        output.Write("data: [DONE]\n\n"u8);
    }

    private void WriteFinish(Utf8JsonWriter json, JsonElement last, int choice)
    {
        WriteHead(json, last);
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", choice);
        if (envelope.Operation == Operation.Completions)
        {
            json.WriteString("text", "");
        }
        else
        {
            json.WriteStartObject("delta");
            json.WriteEndObject();
        }
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", "content_filter");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteUsage(Utf8JsonWriter json, JsonElement last, Usage used)
    {
        WriteHead(json, last);
        json.WriteStartArray("choices");
        json.WriteEndArray();
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", used.InputTokens);
        json.WriteNumber("completion_tokens", used.OutputTokens);
        json.WriteNumber("total_tokens", used.TotalTokens);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", used.CachedInputTokens);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", used.ReasoningTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteHead(Utf8JsonWriter json, JsonElement last)
    {
        Copy(json, last, "id");
        Copy(json, last, "object");
        Copy(json, last, "created");
        WriteModel(json, "model", envelope.ModelJson);
        Copy(json, last, "system_fingerprint");
    }
}
