using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Gateway.Web.Administration.Configuration;

/// <summary>Finds the line of a YAML text that a path of the catalog's checks is about, such as <c>models[gpt-4o].backends[0].url</c>.</summary>
internal static class YamlLines
{
    /// <summary>The line of the innermost part that is there; 0 where even the list is missing.</summary>
    public static long Find(YamlMappingNode root, string path)
    {
        YamlNode node = root;
        long line = 0;
        foreach (string part in Parts(path))
        {
            if (Step(node, part) is not { } next)
            {
                break;
            }
            (line, node) = next;
        }
        return line;
    }

    /// <summary>Names and what stands in brackets, in which dots mean nothing.</summary>
    private static IEnumerable<string> Parts(string path)
    {
        int start = 0;
        for (int i = 0, depth = 0; i <= path.Length; i++)
        {
            char c = i == path.Length ? '.' : path[i];
            if (depth == 0 && c is '.' or '[')
            {
                if (i > start)
                {
                    yield return path[start..i];
                }
                start = i + 1;
            }
            if (c == '[')
            {
                depth++;
            }
            else if (c == ']' && --depth == 0)
            {
                yield return path[start..i];
                start = i + 1;
            }
        }
    }

    private static (long Line, YamlNode Node)? Step(YamlNode node, string part)
    {
        switch (node)
        {
            case YamlMappingNode map:
                foreach ((YamlNode key, YamlNode value) in map.Children)
                {
                    if (key is YamlScalarNode { Value: { } name } && name == part)
                    {
                        return (key.Start.Line, value);
                    }
                }
                return null;
            case YamlSequenceNode list:
                YamlNode? found = list.Children.FirstOrDefault(i => IsNamed(i, part))
                    ?? (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? list.Children.ElementAtOrDefault(index) : null);
                return found is null ? null : (found.Start.Line, found);
            default:
                return null;
        }
    }

    private static bool IsNamed(YamlNode item, string name)
    {
        if (item is not YamlMappingNode map)
        {
            return false;
        }
        string? Text(string member) => map.Children.TryGetValue(new YamlScalarNode(member), out YamlNode? value) ? (value as YamlScalarNode)?.Value : null;
        return Text("name") == name || Text("label") == name || Text("id") == name || (Text("model") == name && Text("name") is null)
            || (Text("scope") is { } scope && (name == $"{scope}/{Text("of")}" || name == $"{scope} {Text("of")}"))
            || (map.Children.TryGetValue(new YamlScalarNode("aliases"), out YamlNode? aliases) && aliases is YamlSequenceNode all && all.Any(a => a is YamlScalarNode s && s.Value == name));
    }
}
