using System.Globalization;
using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Configuration;

/// <summary>A YAML node as JSON: plain scalars become numbers, booleans and null as YAML 1.2 has them, quoted ones stay texts.</summary>
internal static class YamlJson
{
    public static string Convert(YamlNode node, Func<string, string?> variable)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, node, variable);
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, YamlNode node, Func<string, string?> variable)
    {
        switch (node)
        {
            case YamlMappingNode map:
                writer.WriteStartObject();
                foreach ((YamlNode key, YamlNode value) in map.Children)
                {
                    writer.WritePropertyName(((YamlScalarNode)key).Value ?? "");
                    Write(writer, value, variable);
                }
                writer.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                writer.WriteStartArray();
                foreach (YamlNode item in sequence)
                {
                    Write(writer, item, variable);
                }
                writer.WriteEndArray();
                break;
            case YamlScalarNode scalar:
                WriteScalar(writer, scalar, YamlMap.Text(scalar, variable));
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, YamlScalarNode scalar, string text)
    {
        bool plain = scalar.Style is ScalarStyle.Plain or ScalarStyle.Any;
        if (plain && YamlMap.IsNull(scalar))
        {
            writer.WriteNullValue();
        }
        else if (plain && text is "true" or "false")
        {
            writer.WriteBooleanValue(text == "true");
        }
        else if (plain && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }
}
