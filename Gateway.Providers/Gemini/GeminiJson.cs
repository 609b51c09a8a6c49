using System.Buffers;
using System.Text.Json;
using Gateway.Core.Generation;

namespace Gateway.Providers.Gemini;

/// <summary>Makes JSON values that own their memory.</summary>
internal static class GeminiJson
{
    public static JsonElement Create(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer);
        }
        return JsonFields.Parse(output.WrittenSpan);
    }

    /// <summary>An object with one member.</summary>
    public static JsonElement Wrapped(string name, JsonElement value) => Create(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName(name);
        value.WriteTo(writer);
        writer.WriteEndObject();
    });
}
