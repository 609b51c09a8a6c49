using System.Buffers;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;

namespace Gateway.Core.Failover.Guarded;

/// <summary>Gemini: one more chunk in which every candidate has the <c>finishReason</c> <c>SAFETY</c>.</summary>
/// <param name="model">The model's public name, as JSON.</param>
/// <param name="asArray">The stream is one JSON array.</param>
internal sealed class GeminiCut(ReadOnlyMemory<byte> model, bool asArray) : StreamCut
{
    private readonly OpenChoices _candidates = new();
    private bool _any;

    public override void Note(JsonElement sent)
    {
        _any = true;
        foreach (JsonElement candidate in sent.Items("candidates"))
        {
            _candidates.Note(candidate.Whole32("index") ?? 0, candidate.Text("finishReason") is not null);
        }
    }

    public override void Write(IBufferWriter<byte> output, JsonElement last, Usage used)
    {
        ReadOnlySpan<byte> before = !asArray ? "data: "u8 : _any ? ",\r\n"u8 : "["u8;
        WriteEvent(output, before, json => WriteChunk(json, last, used), asArray ? "]"u8 : "\r\n\r\n"u8);
    }

    private void WriteChunk(Utf8JsonWriter json, JsonElement last, Usage used)
    {
        json.WriteStartArray("candidates");
        foreach (int index in _candidates.Open)
        {
            json.WriteStartObject();
            json.WriteStartObject("content");
            json.WriteStartArray("parts");
            json.WriteStartObject();
            // Clients read the first part's text without asking whether there is one.
            json.WriteString("text", "");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("role", "model");
            json.WriteEndObject();
            json.WriteString("finishReason", "SAFETY");
            json.WriteNumber("index", index);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("usageMetadata");
        json.WriteNumber("promptTokenCount", used.InputTokens);
        json.WriteNumber("candidatesTokenCount", used.OutputTokens - used.ReasoningTokens);
        if (used.ReasoningTokens > 0)
        {
            json.WriteNumber("thoughtsTokenCount", used.ReasoningTokens);
        }
        json.WriteNumber("totalTokenCount", used.TotalTokens);
        json.WriteEndObject();
        WriteModel(json, "modelVersion", model);
        Copy(json, last, "responseId");
    }
}
