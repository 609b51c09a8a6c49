using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Administration.Configuration.LiteLlm;

/// <summary>YAML 1.1 as LiteLLM's reader takes it: yes and no are booleans, numbers may have underscores, <c>&lt;&lt;</c> merges.</summary>
internal static class LiteLlmYaml
{
    public static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => Merged(map),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => null,
    };

    /// <summary>A value as a text, however it was written; null when it is none or empty.</summary>
    public static string? Text(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue(out string? text) => text.Length == 0 ? null : text,
        JsonValue value => value.ToJsonString(),
        _ => null,
    };

    public static decimal? Number(JsonNode? node) =>
        decimal.TryParse(Text(node)?.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : null;

    /// <summary>At least 1; null for anything else.</summary>
    public static int? Whole(JsonNode? node) => Number(node) is { } number && number >= 1 && number <= int.MaxValue ? (int)number : null;

    public static bool? Flag(JsonNode? node) => Text(node)?.ToLowerInvariant() switch { "true" => true, "false" => false, _ => null };

    private static JsonObject Merged(YamlMappingNode map)
    {
        var members = new JsonObject();
        foreach ((YamlNode key, YamlNode value) in map.Children)
        {
            if (key is YamlScalarNode { Value: "<<" })
            {
                foreach (JsonObject merged in (value is YamlSequenceNode all ? all.Children : [value]).Select(v => ToJson(v)).OfType<JsonObject>())
                {
                    foreach ((string name, JsonNode? inner) in merged.Where(m => !members.ContainsKey(m.Key)))
                    {
                        members[name] = inner?.DeepClone();
                    }
                }
            }
            else
            {
                members[(key as YamlScalarNode)?.Value ?? key.ToString()] = ToJson(value);
            }
        }
        return members;
    }

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        string text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any))
        {
            return text;
        }
        switch (text.ToLowerInvariant())
        {
            case "" or "~" or "null":
                return null;
            case "true" or "yes" or "on":
                return true;
            case "false" or "no" or "off":
                return false;
            default:
                return decimal.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : text;
        }
    }
}
