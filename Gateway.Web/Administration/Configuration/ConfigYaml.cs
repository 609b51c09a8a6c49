using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Web.Administration.Configuration;

/// <summary>Writes the tree of a configuration as YAML that <c>Gateway:ConfigFile</c> reads.</summary>
internal static partial class ConfigYaml
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="comments">Lines for the head, without their <c>#</c>.</param>
    public static string Write(JsonObject tree, IEnumerable<string> comments)
    {
        var text = new StringBuilder();
        foreach (string comment in comments)
        {
            text.Append("# ").AppendLine(comment);
        }
        foreach ((string name, JsonNode? list) in tree)
        {
            if (list is JsonArray { Count: > 0 })
            {
                text.AppendLine();
                Member(text, name, list, 0);
            }
        }
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void Member(StringBuilder text, string name, JsonNode? value, int indent)
    {
        text.Append(' ', indent).Append(Text(name)).Append(':');
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.AppendLine();
                Members(text, map, indent + 2);
                break;
            case JsonArray { Count: > 0 } list when list.Any(i => i is JsonObject or JsonArray):
                text.AppendLine();
                Items(text, list, indent + 2);
                break;
            default:
                text.Append(' ').AppendLine(Inline(value));
                break;
        }
    }

    private static void Members(StringBuilder text, JsonObject map, int indent)
    {
        foreach ((string name, JsonNode? value) in map.Where(m => m.Key != ConfigTree.Identity))
        {
            Member(text, name, value, indent);
        }
    }

    private static void Items(StringBuilder text, JsonArray list, int indent)
    {
        foreach (JsonNode? item in list)
        {
            if (item is not JsonObject map || map.All(m => m.Key == ConfigTree.Identity))
            {
                text.Append(' ', indent).Append("- ").AppendLine(Inline(item));
                continue;
            }
            // The first member stands on the line of the dash.
            int start = text.Length;
            Members(text, map, indent + 2);
            text[start + indent] = '-';
        }
    }

    /// <summary>On one line: a scalar, or a list or mapping in brackets.</summary>
    private static string Inline(JsonNode? value) => value switch
    {
        null => "null",
        JsonArray list => $"[{string.Join(", ", list.Select(Inline))}]",
        JsonObject map => $"{{{string.Join(", ", map.Where(m => m.Key != ConfigTree.Identity).Select(m => $"{Text(m.Key)}: {Inline(m.Value)}"))}}}",
        _ when value.GetValueKind() == JsonValueKind.String => Text(value.GetValue<string>()),
        _ => value.ToJsonString(),
    };

    /// <summary>Plain where YAML takes it for nothing else, else quoted as in JSON, which is YAML, too.</summary>
    private static string Text(string text) => Plain().IsMatch(text) && !Meaningful().IsMatch(text)
        && !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        ? text
        : JsonSerializer.Serialize(text, Quoted);

    [GeneratedRegex(@"^(\$\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z0-9_/.][A-Za-z0-9_/.+@-]*(:[A-Za-z0-9_/.+@-]+)*( [A-Za-z0-9_/.+@()-]+)*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();

    // What some reader of YAML takes for a boolean, nothing, or a time.
    [GeneratedRegex(@"^(true|false|yes|no|on|off|null|y|n|~|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]+(:[0-9]+)+|\.(inf|nan)|0[xo].*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Meaningful();
}
