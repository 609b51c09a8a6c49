using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Accounting;
using Gateway.Core.Generation;

namespace Gateway.Core.Failover.Guarded;

/// <summary>
/// OpenAI Responses: <c>response.incomplete</c> with the reason <c>content_filter</c>, and in it the response as far as it was sent.
/// </summary>
/// <param name="model">The model's public name, as JSON.</param>
internal sealed class ResponsesCut(ReadOnlyMemory<byte> model) : StreamCut
{
    private readonly SortedDictionary<int, Item> _items = [];
    private JsonElement _response;
    private long _sequence = -1;

    public override void Note(JsonElement sent)
    {
        _sequence = Math.Max(_sequence, sent.Whole("sequence_number") ?? _sequence + 1);
        if (sent.Has("response", out JsonElement response))
        {
            _response = response;
        }
        int index = sent.Whole32("output_index") ?? 0;
        switch (sent.Text("type"))
        {
            case "response.output_item.added" when sent.Has("item", out JsonElement added):
                _items[index] = new Item(added, Done: false, new StringBuilder());
                break;
            case "response.output_item.done" when sent.Has("item", out JsonElement done):
                _items[index] = new Item(done, Done: true, new StringBuilder());
                break;
            case "response.output_text.delta" when _items.TryGetValue(index, out Item? item):
                item.Text.Append(sent.Text("delta"));
                break;
        }
    }

    public override void Write(IBufferWriter<byte> output, JsonElement last, Usage used) =>
        WriteEvent(output, "event: response.incomplete\ndata: "u8, json =>
        {
            json.WriteString("type", "response.incomplete");
            json.WriteNumber("sequence_number", _sequence + 1);
            json.WriteStartObject("response");
            WriteResponse(json, used);
            json.WriteEndObject();
        }, "\n\n"u8);

    private void WriteResponse(Utf8JsonWriter json, Usage used)
    {
        foreach (JsonProperty property in _response.ValueKind == JsonValueKind.Object ? _response.EnumerateObject() : default)
        {
            if (property.Name is not ("status" or "incomplete_details" or "output" or "usage" or "model"))
            {
                property.WriteTo(json);
            }
        }
        json.WriteString("status", "incomplete");
        json.WriteStartObject("incomplete_details");
        json.WriteString("reason", "content_filter");
        json.WriteEndObject();
        WriteModel(json, "model", model);
        json.WriteStartArray("output");
        foreach (Item item in _items.Values)
        {
            Write(json, item);
        }
        json.WriteEndArray();
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", used.InputTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", used.CachedInputTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", used.OutputTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", used.ReasoningTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", used.TotalTokens);
        json.WriteEndObject();
    }

    // Of what is not whole only a message's text is of use: half a call, or half a thought, can be done nothing with.
    private static void Write(Utf8JsonWriter json, Item item)
    {
        if (item.Done)
        {
            item.Json.WriteTo(json);
        }
        else if (item.Json.Text("type") == "message")
        {
            json.WriteStartObject();
            Copy(json, item.Json, "id");
            json.WriteString("type", "message");
            json.WriteString("status", "incomplete");
            json.WriteString("role", "assistant");
            json.WriteStartArray("content");
            json.WriteStartObject();
            json.WriteString("type", "output_text");
            json.WriteStartArray("annotations");
            json.WriteEndArray();
            json.WriteString("text", item.Text.ToString());
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private sealed record Item(JsonElement Json, bool Done, StringBuilder Text);
}
