using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Web.Administration;

/// <summary>A provider's settings: an object whose values are texts, numbers or booleans; kept as texts.</summary>
internal sealed class SettingsJsonConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("Settings are an object of texts and numbers.");
        }
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False))
            {
                throw new JsonException($"The setting \"{name}\" is a text, a number or a boolean.");
            }
            string value = reader.TokenType == JsonTokenType.String ? reader.GetString()! : JsonElement.ParseValue(ref reader).GetRawText();
            if (!settings.TryAdd(name, value))
            {
                throw new JsonException($"The setting \"{name}\" is given twice.");
            }
        }
        return settings;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach ((string name, string text) in value.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            writer.WriteString(name, text);
        }
        writer.WriteEndObject();
    }
}
