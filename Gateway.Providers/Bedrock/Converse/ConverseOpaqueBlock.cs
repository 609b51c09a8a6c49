using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.Bedrock.Converse;

/// <summary>A streamed block of a tool that the vendor runs, put together as it stands in a whole answer.</summary>
/// <param name="name"><c>toolUse</c> or <c>toolResult</c>.</param>
/// <param name="start">What the start of the block says of it; an object.</param>
internal sealed class ConverseOpaqueBlock(string name, JsonElement start)
{
    private readonly StringBuilder _input = new();
    private readonly List<JsonElement> _content = [];

    public string Type => start.Text("type") ?? name;

    public void Add(JsonElement delta)
    {
        if (delta.Has("toolUse", out JsonElement call))
        {
            _input.Append(call.Text("input"));
        }
        _content.AddRange(delta.Items("toolResult"));
    }

    public JsonElement ToJson()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(name);
            foreach (JsonProperty property in start.EnumerateObject())
            {
                property.WriteTo(writer);
            }
            if (name == "toolUse")
            {
                JsonElement input = JsonFields.TryParse(_input.ToString());
                writer.WritePropertyName("input");
                if (input.ValueKind == JsonValueKind.Undefined)
                {
                    writer.WriteRawValue("{}");
                }
                else
                {
                    input.WriteTo(writer);
                }
            }
            else
            {
                writer.WriteStartArray("content");
                _content.ForEach(c => c.WriteTo(writer));
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return JsonFields.Parse(output.WrittenSpan);
    }
}
